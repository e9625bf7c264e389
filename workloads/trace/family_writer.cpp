#include <algorithm>
#include <limits>
#include <list>
#include <set>
#include <tuple>

#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/sha256.h"
#include "workloads/trace/family.h"
#include "workloads/trace/safetensors.h"

namespace rebasis::trace {
namespace {

using nlohmann::json;

std::optional<double> accuracy_of(const Metadata& metadata) {
  const json provenance = parse_json(metadata.provenance, "provenance");
  const auto found = provenance.find("accuracy_after");
  if (found == provenance.end() || !found->is_number()) return std::nullopt;
  const auto accuracy = found->get<double>();
  return accuracy >= 0 && accuracy <= 1 ? std::optional(accuracy) : std::nullopt;
}

/// Zero weights of all: counted where weights are stored one by one, otherwise what the trace's maker has counted.
std::optional<double> sparsity_of(const TraceReader& reader) {
  double zeros = 0, weights = 0;
  for (const LayerInfo& layer : reader.metadata().layers) {
    const auto count = static_cast<double>(layer.shape.weights());
    weights += count;
    if (layer.encoding == dense_encoding) {
      const TensorView view = reader.tensor(layer.name + "/weights");  // lives as long as the span
      const auto values = view.as<std::int8_t>();
      zeros += static_cast<double>(std::count(values.begin(), values.end(), std::int8_t{0}));
      continue;
    }
    const auto share = layer.statistics.find("weight_value_sparsity");
    if (share == layer.statistics.end()) return std::nullopt;
    zeros += share->second * count;
  }
  return std::clamp(zeros / weights, 0.0, 1.0);
}

void check_part(const TraceReader& reader, const TraceReader& first) {
  reader.verify_checksums();
  for (const LayerInfo& layer : reader.metadata().layers) reader.check_layer(layer);
  const LayerInfo& a = reader.metadata().layers.front();
  const LayerInfo& b = first.metadata().layers.front();
  if (a.images != b.images)
    fail_input({reader.path()}, "has " + std::to_string(a.images) + " images, " + first.path() + " " +
                                    std::to_string(b.images) + "; sub-nets need traces of the same images");
  if (a.shape.C != b.shape.C || a.shape.H != b.shape.H || a.shape.W != b.shape.W)
    fail_input({reader.path()},
               "takes an input of another size than " + first.path() + "; a family's sub-nets are of one network");
}

/// The tensors of the file: those of equal type, shape and content are one.
class Pool {
 public:
  /// Its name in the file.
  std::string add(const std::string& subnet, const std::string& tensor, const TensorView& view) {
    const std::string sum = sha256(view.bytes);
    given_ += view.bytes.size();
    const auto [found, added] = known_.emplace(std::make_tuple(sum, view.dtype, view.shape), subnet + "/" + tensor);
    if (added) {
      tensors_.push_back({found->second, view});
      checksums_[found->second] = sum;
      stored_ += view.bytes.size();
    }
    return found->second;
  }
  [[nodiscard]] std::vector<NamedTensor>& tensors() { return tensors_; }
  [[nodiscard]] const Checksums& checksums() const { return checksums_; }
  [[nodiscard]] std::uint64_t given() const { return given_; }
  [[nodiscard]] std::uint64_t stored() const { return stored_; }

 private:
  std::map<std::tuple<std::string, DType, Shape>, std::string> known_;
  std::vector<NamedTensor> tensors_;
  Checksums checksums_;
  std::uint64_t given_ = 0, stored_ = 0;
};

void add_subnet(const TraceReader& reader, const std::string& subnet, Pool& pool,
                std::map<std::string, std::string>& members) {
  std::map<std::string, std::string> names;
  for (const std::string& tensor : reader.tensor_names())
    names[tensor] = pool.add(subnet, tensor, reader.tensor(tensor));
  for (const auto& [key, value] : to_members(reader.metadata(), {})) {
    if (key != "format" && key != "sha256" && key != guard_member) members[subnet + "/" + key] = value;
  }
  members[subnet + "/tensors"] = to_line(json(names));
}

json describe(const SubnetInfo& subnet) {
  json value{{"name", subnet.name}};
  if (subnet.accuracy) value["accuracy"] = *subnet.accuracy;
  if (subnet.sparsity) value["sparsity"] = *subnet.sparsity;
  if (!subnet.pattern.empty()) value["pattern"] = subnet.pattern;
  return value;
}

}  // namespace

FamilyReport join_traces(const std::vector<FamilyPart>& parts, const std::string& network, const std::string& output) {
  if (parts.empty() || parts.size() > max_subnets)
    fail_input("a family has 1 to " + std::to_string(max_subnets) + " sub-nets");
  std::list<TraceReader> readers;
  std::set<std::string> taken;
  std::map<std::string, std::string> members{
      {"format", family_format_name}, {"schema", std::to_string(family_schema_version)}, {"network", network}};
  json subnets = json::array();
  FamilyReport report;
  Pool pool;
  for (const FamilyPart& part : parts) {
    check_subnet_name(part.name, part.path);
    check_pattern(part.pattern, part.path);
    if (!taken.insert(part.name).second)
      fail_input({part.path}, "the name \"" + part.name + "\" is taken by another sub-net; write NAME=FILE");
    const TraceReader& reader = readers.emplace_back(part.path);
    check_part(reader, readers.front());
    add_subnet(reader, part.name, pool, members);
    report.subnets.push_back({part.name, accuracy_of(reader.metadata()), sparsity_of(reader), part.pattern});
    subnets.push_back(describe(report.subnets.back()));
  }
  members["subnets"] = to_line(subnets);
  members["sha256"] = to_line(json(pool.checksums()));
  members[guard_member] = guard_of(members);
  report.bytes_given = pool.given();
  report.bytes_stored = pool.stored();
  sort_for_alignment(pool.tensors());
  AtomicFile file(output);
  file.write(safetensors_header(pool.tensors(), members));
  for (const NamedTensor& tensor : pool.tensors()) file.write(tensor.view.bytes);
  file.commit();
  return report;
}

}  // namespace rebasis::trace
