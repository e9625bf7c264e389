#include "cli/inspect/trace_family.h"

#include <fmt/format.h>

#include "cli/inspect/text_table.h"
#include "common/json.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/encode/sizes.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;

struct Member {
  trace::SubnetInfo info;
  std::size_t layers = 0;
  std::uint64_t weight_bytes = 0;  ///< all parameters, as `inspect` of the sub-net counts them
  double compression_rate = 0;
  std::int64_t macs = 0, images = 0;
};

std::vector<Member> members_of(const InspectRequest& request) {
  std::vector<Member> members;
  for (const trace::SubnetInfo& info : trace::list_subnets(request.path)) {
    const trace::TraceReader reader(trace::subnet_path(request.path, info.name));
    if (request.check) check_trace(reader);
    Member member{info, reader.metadata().layers.size(), 0, 0, 0, reader.metadata().layers.front().images};
    encode::LayerSizes sizes;
    for (const trace::LayerInfo& layer : reader.metadata().layers) {
      reader.check_layer(layer);
      sizes += encode::layer_sizes(reader, layer);
      member.macs += layer.shape.macs();
    }
    member.weight_bytes = sizes.total();
    member.compression_rate = encode::compression_rate(sizes);
    members.push_back(std::move(member));
  }
  return members;
}

std::string family_table(const InspectRequest& request, const std::vector<Member>& members) {
  const trace::FamilyBytes bytes = trace::family_bytes(request.path);
  std::string text = fmt::format(
      "family of {} traces of {}, {} layers, {} image{}; tensors {}, of which {} serve several sub-nets\n\n",
      members.size(), printable(bytes.network), members.front().layers, members.front().images,
      members.front().images == 1 ? "" : "s", readable_bytes(static_cast<double>(bytes.tensors)),
      readable_bytes(static_cast<double>(bytes.shared)));
  TextTable table({"sub-net", "pattern", "weights=0", "top-1", "weights", "rate"});
  for (const Member& m : members) {
    table.add({printable(m.info.name), m.info.pattern.empty() ? "-" : printable(m.info.pattern),
               m.info.sparsity ? percent(*m.info.sparsity) : "-",
               m.info.accuracy ? fmt::format("{:.2f}%", 100 * *m.info.accuracy) : "-",
               readable_bytes(static_cast<double>(m.weight_bytes)), fmt::format("{:.1f}x", m.compression_rate)});
  }
  text += table.text();
  if (request.check) text += "checked: every sub-net matches its checksums and decodes\n";
  return text + "\nrebasis inspect " + printable(request.path) + " --subnet NAME shows the layers of one\n";
}

std::string family_json(const InspectRequest& request, const std::vector<Member>& members) {
  const trace::FamilyBytes bytes = trace::family_bytes(request.path);
  json value{{"kind", "trace-family"},        {"file", request.path},
             {"network", bytes.network},      {"schema_version", trace::family_schema_version},
             {"tensor_bytes", bytes.tensors}, {"shared_bytes", bytes.shared},
             {"checked", request.check},      {"subnets", json::array()}};
  for (const Member& m : members) {
    json entry{{"name", m.info.name},
               {"pattern", m.info.pattern},
               {"layers", m.layers},
               {"images", m.images},
               {"bytes", m.weight_bytes},
               {"macs", m.macs},
               {"compression_rate", m.compression_rate}};
    if (m.info.accuracy) entry["accuracy"] = *m.info.accuracy;
    if (m.info.sparsity) entry["sparsity"] = *m.info.sparsity;
    value["subnets"].push_back(std::move(entry));
  }
  return to_text(value);
}

}  // namespace

void check_trace(const trace::TraceReader& reader) {
  reader.verify_checksums();
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    reader.check_layer(layer);
    (void)encode::integer_weights(reader, layer);
  }
}

std::string describe_family(const InspectRequest& request) {
  const std::vector<Member> members = members_of(request);
  return request.json ? family_json(request, members) : family_table(request, members);
}

}  // namespace rebasis::cli
