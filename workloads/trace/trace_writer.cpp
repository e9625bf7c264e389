#include <unordered_map>

#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"
#include "workloads/trace/check_layer.h"
#include "workloads/trace/metadata_json.h"
#include "workloads/trace/safetensors.h"
#include "workloads/trace/trace.h"

namespace rebasis::trace {

struct TraceWriter::Impl {
  struct Stored {
    std::string name;
    DType dtype = DType::u8;
    Shape shape;
    std::vector<std::byte> bytes;
    [[nodiscard]] TensorView view() const { return {dtype, shape, bytes}; }
  };
  std::vector<Stored> tensors;                           // in the order of add()
  std::unordered_map<std::string, std::size_t> by_name;  // index into tensors
};

TraceWriter::TraceWriter() : impl_(std::make_unique<Impl>()) {}
TraceWriter::~TraceWriter() = default;

void TraceWriter::add(const std::string& name, DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
  if (static_cast<std::size_t>(element_count(shape)) * size_of(dtype) != bytes.size()) {
    fail_internal("tensor \"" + name + "\" has " + std::to_string(bytes.size()) +
                  " bytes, which do not match its shape");
  }
  if (!impl_->by_name.emplace(name, impl_->tensors.size()).second) fail_input("two tensors are named \"" + name + "\"");
  impl_->tensors.push_back({name, dtype, shape, {bytes.begin(), bytes.end()}});
}

void TraceWriter::write(const std::string& path, const Metadata& metadata) {
  std::vector<NamedTensor> tensors;
  for (const Impl::Stored& tensor : impl_->tensors) tensors.push_back({tensor.name, tensor.view()});
  const auto lookup = [this, &tensors](const std::string& name) -> const TensorView* {
    const auto found = impl_->by_name.find(name);
    return found == impl_->by_name.end() ? nullptr : &tensors[found->second].view;
  };
  check_metadata(metadata, path);
  for (const LayerInfo& layer : metadata.layers) check_tensors(LayerTensors(layer, lookup, path));

  Checksums checksums;
  for (const NamedTensor& tensor : tensors) checksums[tensor.name] = sha256(tensor.view.bytes);
  sort_for_alignment(tensors);  // after the last use of lookup: it refers to places in `tensors`
  AtomicFile file(path);
  file.write(safetensors_header(tensors, to_members(metadata, checksums)));
  for (const NamedTensor& tensor : tensors) file.write(tensor.view.bytes);
  file.commit();
}

}  // namespace rebasis::trace
