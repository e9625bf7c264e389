// A look into an ONNX file without libonnx: enough to recognise one and to count what is in it. The wire format of
// protocol buffers is public and stable: https://protobuf.dev/programming-guides/encoding; field numbers are those of
// onnx.proto.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace rebasis::cli {

struct OnnxSkim {
  std::uint64_t ir_version = 0;
  std::string producer;
  std::map<std::string, std::uint64_t> operators;  ///< name -> nodes of the main graph
  std::uint64_t initialisers = 0;
};

/// Nothing when the bytes are no ModelProto with an IR version and a graph.
[[nodiscard]] std::optional<OnnxSkim> skim_onnx(std::span<const std::byte> file);

/// Whether the first fields are those of a ModelProto: also true for one that is truncated further on.
[[nodiscard]] bool starts_like_onnx(std::span<const std::byte> file);

}  // namespace rebasis::cli
