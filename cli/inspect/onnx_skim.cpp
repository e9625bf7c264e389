#include "cli/inspect/onnx_skim.h"

namespace rebasis::cli {
namespace {

/// One field of a message: a number, or a range of bytes.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  std::span<const std::byte> bytes;
};

/// Walks over the fields of a message; never leaves the bytes it was given.
class Message {
 public:
  explicit Message(std::span<const std::byte> bytes) : rest_(bytes) {}

  /// The next field; nothing at the end or at damage.
  std::optional<Field> next() {
    if (rest_.empty()) return std::nullopt;
    const auto key = varint();
    if (!key || *key >> 3U == 0) return damaged();
    Field field{*key >> 3U, 0, {}};
    switch (*key & 7U) {
      case 0: {
        const auto value = varint();
        if (!value) return damaged();
        field.value = *value;
        return field;
      }
      case 1:
        return fixed(field, 8);
      case 2: {
        const auto length = varint();
        return length ? fixed(field, *length) : damaged();
      }
      case 5:
        return fixed(field, 4);
      default:
        return damaged();
    }
  }
  [[nodiscard]] bool intact() const { return intact_; }

 private:
  std::optional<Field> damaged() {
    intact_ = false;
    return std::nullopt;
  }

  std::optional<Field> fixed(Field field, std::uint64_t length) {
    if (length > rest_.size()) return damaged();
    field.bytes = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(static_cast<std::size_t>(length));
    return field;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  std::span<const std::byte> rest_;
  bool intact_ = true;
};

std::string text_of(const Field& field) {
  std::string text;
  for (const std::byte byte : field.bytes) text += static_cast<char>(byte);
  return text;
}

void skim_graph(std::span<const std::byte> bytes, OnnxSkim& skim) {
  Message graph(bytes);
  while (const auto field = graph.next()) {
    if (field->number == 5) ++skim.initialisers;
    if (field->number != 1) continue;
    Message node(field->bytes);
    while (const auto part = node.next()) {
      if (part->number == 4) ++skim.operators[text_of(*part)];
    }
  }
}

}  // namespace

std::optional<OnnxSkim> skim_onnx(std::span<const std::byte> file) {
  OnnxSkim skim;
  bool has_graph = false;
  Message model(file);
  while (const auto field = model.next()) {
    if (field->number == 1) skim.ir_version = field->value;
    if (field->number == 2) skim.producer = text_of(*field);
    if (field->number == 7) {
      has_graph = true;
      skim_graph(field->bytes, skim);
    }
  }
  if (!model.intact() || !has_graph || skim.ir_version == 0) return std::nullopt;
  return skim;
}

bool starts_like_onnx(std::span<const std::byte> file) {
  // ir_version, a small number, is written first by every serialiser; then comes a text or message field of ModelProto.
  if (file.size() < 4 || file[0] != std::byte{0x08} || file[1] == std::byte{0} || file[1] > std::byte{32}) return false;
  const auto key = std::to_integer<unsigned>(file[2]);
  return (key & 7U) == 2 && key >> 3U >= 2 && key >> 3U <= 8;
}

}  // namespace rebasis::cli
