#include "workloads/trace/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "common/error.h"
#include "common/json.h"

namespace rebasis::trace {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_rank = 8;
constexpr int max_header_depth = 4;  // header -> tensor -> shape is 3

struct TypeRow {
  DType type;
  const char* name;
};
constexpr std::array<TypeRow, 10> types{{{DType::u8, "U8"},
                                         {DType::i8, "I8"},
                                         {DType::i16, "I16"},
                                         {DType::u16, "U16"},
                                         {DType::i32, "I32"},
                                         {DType::u32, "U32"},
                                         {DType::i64, "I64"},
                                         {DType::u64, "U64"},
                                         {DType::f32, "F32"},
                                         {DType::f64, "F64"}}};

DType parse_type(const JsonObject& entry) {
  const std::string name = entry.text("dtype");
  for (const TypeRow& row : types) {
    if (name == row.name) return row.type;
  }
  entry.fail("type " + name + " is not used in traces; U8, I8, I16, U16, I32, U32, I64, U64, F32 and F64 are");
}

/// Bytes before the JSON text: its length, little-endian whatever the host.
std::uint64_t read_length(std::span<const std::byte> file) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::to_integer<std::uint64_t>(file[i]) << (8 * i);
  return length;
}

std::string_view header_text(std::span<const std::byte> file, const std::string& name) {
  if (file.empty()) fail_input({name}, "the file is empty; a trace is needed");
  if (file.size() < length_bytes + 2)
    fail_input({name}, "is too short for a trace: " + std::to_string(file.size()) + " bytes");
  const std::uint64_t length = read_length(file);
  if (file[length_bytes] != std::byte{'{'})
    fail_input({name}, "is not a trace: a safetensors header is needed at its start");
  if (length > max_header_bytes) {
    fail_input({name}, "header of " + std::to_string(length) + " bytes; at most " + std::to_string(max_header_bytes) +
                           " are read");
  }
  if (length > file.size() - length_bytes) {
    fail_input({name}, "is truncated: the header says " + std::to_string(length) + " bytes, the file has " +
                           std::to_string(file.size() - length_bytes) + " after its length");
  }
  return {reinterpret_cast<const char*>(file.data()) + length_bytes, static_cast<std::size_t>(length)};
}

/// A tensor's place, before its bytes are known to exist.
struct Entry {
  std::string name;
  DType type = DType::u8;
  Shape shape;
  std::int64_t begin = 0, end = 0;  // offsets into the data behind the header
};

Entry parse_entry(const std::string& tensor, const nlohmann::json& value, const std::string& name) {
  const JsonObject object(value, name + ": tensor \"" + tensor + "\"");
  Entry entry;
  entry.name = tensor;
  entry.type = parse_type(object);
  entry.shape = object.integers("shape", 0, INT64_MAX, max_rank);
  const auto offsets = object.integers("data_offsets", 0, INT64_MAX, 2);
  if (offsets.size() != 2) object.fail("\"data_offsets\" needs two numbers");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  if (entry.end < entry.begin) object.fail("ends before it begins");
  std::int64_t count = 0;
  try {
    count = element_count(entry.shape);
  } catch (const Error& error) {
    object.fail(error.what());
  }
  const std::int64_t needed = count * static_cast<std::int64_t>(size_of(entry.type));
  if (entry.end - entry.begin != needed) {
    object.fail("has " + std::to_string(entry.end - entry.begin) + " bytes; its shape and type need " +
                std::to_string(needed));
  }
  return entry;
}

/// Offsets must cover the data from its start to its end, each byte once.
void check_layout(std::vector<Entry>& entries, std::uint64_t data_offset, std::uint64_t data_size,
                  const std::string& name) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::int64_t expected = 0;
  for (const Entry& entry : entries) {
    const std::string what = "tensor \"" + entry.name + "\" ";
    if (entry.begin < expected) fail_input({name}, what + "overlaps the tensor before it");
    if (entry.begin > expected) fail_input({name}, what + "leaves a gap of unused bytes before it");
    if (static_cast<std::uint64_t>(entry.end) > data_size)
      fail_input({name}, "is truncated: " + what + "ends beyond the end of the file");
    if ((data_offset + static_cast<std::uint64_t>(entry.begin)) % size_of(entry.type) != 0) {
      fail_input({name}, what + "is not aligned for its type; pad the header to 8 bytes and store larger types first");
    }
    expected = entry.end;
  }
  if (static_cast<std::uint64_t>(expected) != data_size) {
    fail_input({name}, std::to_string(data_size - static_cast<std::uint64_t>(expected)) +
                           " bytes follow the last tensor; none are expected");
  }
}

std::map<std::string, std::string> parse_metadata(const nlohmann::json& value, const std::string& name) {
  std::map<std::string, std::string> metadata;
  const JsonObject object(value, name + ": __metadata__");
  for (const auto& [key, member] : value.items()) metadata[key] = object.text(key);
  return metadata;
}

}  // namespace

std::string dtype_name(DType type) {
  for (const TypeRow& row : types) {
    if (row.type == type) return row.name;
  }
  fail_internal("unnamed tensor type");
}

SafeTensors parse_safetensors(std::span<const std::byte> file, const std::string& name) {
  const std::string_view text = header_text(file, name);
  const nlohmann::json header = parse_json(text, name + ": header", max_header_depth);
  if (!header.is_object()) fail_input({name}, "the header is not a JSON object");
  SafeTensors result;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items()) {
    if (key == "__metadata__") {
      result.metadata = parse_metadata(value, name);
    } else {
      entries.push_back(parse_entry(key, value, name));
    }
  }
  const std::span<const std::byte> data = file.subspan(length_bytes + text.size());
  check_layout(entries, length_bytes + text.size(), data.size(), name);
  for (Entry& entry : entries) {
    const auto bytes =
        data.subspan(static_cast<std::size_t>(entry.begin), static_cast<std::size_t>(entry.end - entry.begin));
    result.tensors.emplace(std::move(entry.name), TensorView{entry.type, std::move(entry.shape), bytes});
  }
  return result;
}

void sort_for_alignment(std::vector<NamedTensor>& tensors) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return size_of(a.view.dtype) > size_of(b.view.dtype);
  });
}

std::string safetensors_header(const std::vector<NamedTensor>& tensors,
                               const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::uint64_t end = offset + tensor.view.bytes.size();
    header[tensor.name] = {
        {"dtype", dtype_name(tensor.view.dtype)}, {"shape", tensor.view.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > max_header_bytes)
    fail_input("the trace has too many layers: its header would be " + std::to_string(text.size()) + " bytes");
  std::string length;
  for (std::size_t i = 0; i < length_bytes; ++i) length += static_cast<char>((text.size() >> (8 * i)) & 0xFFU);
  return length + text;
}

}  // namespace rebasis::trace
