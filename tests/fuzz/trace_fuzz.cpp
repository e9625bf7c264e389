// Any bytes as a trace, or as a family and each of its sub-nets: opened, every layer checked, decoded and, when that
// works, its checksums verified. Tried as it is and with the checksum of the metadata made right, which a fuzzer could
// not guess.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/sha256.h"
#include "tests/support/memory_file.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/trace/family.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using nlohmann::json;

namespace {

void read_trace(const std::string& path) {
  test::accepts([&] {
    const trace::TraceReader reader(path);
    for (const trace::LayerInfo& layer : reader.metadata().layers) {
      test::accepts([&] {
        reader.check_layer(layer);
        (void)encode::integer_weights(reader, layer);
        (void)encode::weight_units(reader, layer);
      });
    }
    test::accepts([&] { reader.verify_checksums(); });
  });
}

void read_file(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  read_trace(file.path());
  test::accepts([&] {
    for (const trace::SubnetInfo& subnet : trace::list_subnets(file.path()))
      read_trace(trace::subnet_path(file.path(), subnet.name));
  });
}

/// The same trace with the member that guards the metadata; nothing when the header is no JSON object.
std::optional<std::string> with_guard(const std::uint8_t* data, std::size_t size) {
  std::uint64_t length = 0;
  if (size < sizeof(length)) return std::nullopt;
  std::memcpy(&length, data, sizeof(length));
  if (length > size - sizeof(length)) return std::nullopt;
  const std::uint8_t* begin = data + sizeof(length);
  json header = json::parse(begin, begin + length, nullptr, false);
  if (!header.is_object() || !header["__metadata__"].is_object()) return std::nullopt;
  std::string text;
  for (const auto& [key, value] : header["__metadata__"].items()) {
    if (key != "metadata_sha256" && value.is_string()) text += key + "=" + value.get<std::string>() + "\n";
  }
  header["__metadata__"]["metadata_sha256"] = sha256(text);
  std::string file = header.dump(-1, ' ', false, json::error_handler_t::replace);
  file.append((8 - file.size() % 8) % 8, ' ');
  const std::uint64_t new_length = file.size();
  file.insert(0, sizeof(new_length), '\0');
  std::memcpy(file.data(), &new_length, sizeof(new_length));
  return file.append(begin + length, data + size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_file(data, size);
  if (const auto file = with_guard(data, size)) {
    const std::string& bytes = *file;
    read_file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  return 0;
}
