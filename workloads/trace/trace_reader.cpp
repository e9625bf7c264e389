#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"
#include "workloads/trace/check_layer.h"
#include "workloads/trace/metadata_json.h"
#include "workloads/trace/safetensors.h"
#include "workloads/trace/trace.h"

namespace rebasis::trace {

struct TraceReader::Impl {
  explicit Impl(const std::string& path) : file(path) {
    SafeTensors container = parse_safetensors(file.bytes(), path);
    metadata = metadata_from_members(container.metadata, path);
    checksums = checksums_from_members(container.metadata, path);
    tensors = std::move(container.tensors);
    for (const auto& [name, view] : tensors) {
      if (!checksums.contains(name)) fail_input({path}, "is damaged: tensor \"" + name + "\" has no checksum");
    }
    for (const auto& [name, sum] : checksums) {
      if (!tensors.contains(name)) fail_input({path}, "is damaged: tensor \"" + name + "\" has a checksum but no data");
    }
  }

  MappedFile file;
  Metadata metadata;
  Checksums checksums;
  std::map<std::string, TensorView> tensors;
};

TraceReader::TraceReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
TraceReader::~TraceReader() = default;
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;

const std::string& TraceReader::path() const { return impl_->file.path(); }
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
