#include <algorithm>

#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"
#include "workloads/trace/check_layer.h"
#include "workloads/trace/family.h"
#include "workloads/trace/metadata_json.h"
#include "workloads/trace/safetensors.h"
#include "workloads/trace/trace.h"

namespace rebasis::trace {

namespace {

std::string names_of(const std::vector<SubnetInfo>& subnets) {
  std::string text;
  for (const SubnetInfo& subnet : subnets) text += (text.empty() ? "" : ", ") + subnet.name;
  return text;
}

void check_covered(const SafeTensors& container, const Checksums& checksums, const std::string& path) {
  for (const auto& [name, view] : container.tensors) {
    if (!checksums.contains(name)) fail_input({path}, "is damaged: tensor \"" + name + "\" has no checksum");
  }
  for (const auto& [name, sum] : checksums) {
    if (!container.tensors.contains(name))
      fail_input({path}, "is damaged: tensor \"" + name + "\" has a checksum but no data");
  }
}

}  // namespace

struct TraceReader::Impl {
  explicit Impl(const std::string& full_path)
      : location(locate_trace(full_path)), path(full_path), file(location.file) {
    SafeTensors container = parse_safetensors(file.bytes(), location.file);
    if (is_family(container.metadata)) {
      open_subnet(container);
      return;
    }
    if (!location.subnet.empty())
      fail_input({location.file},
                 "is no family, so that it has no sub-net \"" + location.subnet + "\"; name the file alone");
    metadata = metadata_from_members(container.metadata, path);
    checksums = checksums_from_members(container.metadata, path);
    check_covered(container, checksums, path);
    tensors = std::move(container.tensors);
  }

  /// The sub-net that the path names becomes this trace.
  void open_subnet(const SafeTensors& container) {
    const auto& members = container.metadata;
    const std::vector<SubnetInfo> subnets = subnets_from_members(members, location.file);
    const auto wanted = [this](const SubnetInfo& subnet) { return subnet.name == location.subnet; };
    if (std::none_of(subnets.begin(), subnets.end(), wanted)) {
      const std::string what =
          location.subnet.empty() ? "is a family of traces" : "has no sub-net \"" + location.subnet + "\"";
      fail_input({location.file},
                 what + "; name a sub-net of it with " + location.file + subnet_mark + "NAME: " + names_of(subnets));
    }
    metadata = metadata_from_members(members_of_subnet(members, location.subnet, path), path);
    const Checksums all = checksums_from_members(members, path);
    check_covered(container, all, path);
    for (const auto& [name, stored] : tensors_of_subnet(members, location.subnet, path)) {
      const auto found = container.tensors.find(stored);
      if (found == container.tensors.end())
        fail_input({path}, "is damaged: tensor \"" + name + "\" is said to be \"" + stored + "\", which is not there");
      tensors.emplace(name, found->second);
      checksums.emplace(name, all.at(stored));
    }
  }

  TraceLocation location;
  std::string path;
  MappedFile file;
  Metadata metadata;
  Checksums checksums;
  std::map<std::string, TensorView> tensors;
};

TraceReader::TraceReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
TraceReader::~TraceReader() = default;
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;

const std::string& TraceReader::path() const { return impl_->path; }
const Metadata& TraceReader::metadata() const { return impl_->metadata; }
bool TraceReader::has(const std::string& tensor) const { return impl_->tensors.contains(tensor); }

TensorView TraceReader::tensor(const std::string& name) const {
  const auto found = impl_->tensors.find(name);
  if (found == impl_->tensors.end()) fail_input({path()}, "tensor \"" + name + "\" is missing");
  return found->second;
}

std::vector<std::string> TraceReader::tensor_names() const {
  std::vector<std::string> names;
  for (const auto& [name, view] : impl_->tensors) names.push_back(name);
  return names;
}

void TraceReader::verify_checksums() const {
  for (const auto& [name, view] : impl_->tensors) {
    if (sha256(view.bytes) != impl_->checksums.at(name)) {
      fail_input({path()}, "is damaged: tensor \"" + name + "\" does not match its checksum");
    }
  }
}

std::string TraceReader::layer_digest(const LayerInfo& layer) const {
  std::string text = describe_layer(layer) + "\n";
  const std::string prefix = layer.name + "/";
  for (auto sum = impl_->checksums.lower_bound(prefix); sum != impl_->checksums.end() && sum->first.starts_with(prefix);
       ++sum)
    text += sum->first.substr(prefix.size()) + " " + sum->second + "\n";
  return sha256(text);
}

std::string TraceReader::digest() const {
  std::string text = describe_auxiliaries(impl_->metadata) + "\n";
  for (const LayerInfo& layer : impl_->metadata.layers) text += layer_digest(layer) + "\n";
  return sha256(text);
}

void TraceReader::check_layer(const LayerInfo& layer) const {
  const auto lookup = [this](const std::string& name) -> const TensorView* {
    const auto found = impl_->tensors.find(name);
    return found == impl_->tensors.end() ? nullptr : &found->second;
  };
  check_tensors(LayerTensors(layer, lookup, path()));
}

}  // namespace rebasis::trace
