// A trace taken apart and put together again, without the project's own reader and writer: for damage with right
// checksums.
#pragma once

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "common/sha256.h"

namespace rebasis::test {

struct TraceParts {
  nlohmann::json header;
  nlohmann::json layers;  ///< parsed from the header; put back by assembled()
  std::string data;

  explicit TraceParts(const std::string& file) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof(length));
    header = nlohmann::json::parse(file.substr(8, length));
    data = file.substr(8 + length);
    layers = nlohmann::json::parse(meta()["layers"].get<std::string>());
  }

  nlohmann::json& tensor(const std::string& name) { return header[name]; }
  nlohmann::json& meta() { return header["__metadata__"]; }
  /// Overwrites byte `i` of a tensor.
  void poke(const std::string& name, std::size_t i, int value) {
    data[header[name]["data_offsets"][0].get<std::size_t>() + i] = static_cast<char>(value);
  }

  /// The member that guards the metadata, made right again.
  void sign() {
    std::string text;
    for (const auto& [key, value] : meta().items()) {
      if (key != "metadata_sha256" && value.is_string()) text += key + "=" + value.get<std::string>() + "\n";
    }
    meta()["metadata_sha256"] = sha256(text);
  }

  static std::string assemble(const std::string& header_text, const std::string& data) {
    std::string text = header_text;
    while (text.size() % 8 != 0) text += ' ';
    std::string length(8, '\0');
    const std::uint64_t size = text.size();
    std::memcpy(length.data(), &size, sizeof(size));
    return length + text + data;
  }
  [[nodiscard]] std::string assembled() const { return assemble(header.dump(), data); }
};

}  // namespace rebasis::test
