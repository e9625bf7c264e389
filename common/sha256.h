// SHA-256 (FIPS 180-4) of bytes and files, as 64 lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace rebasis {

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
/// Of a regular file's content; fails as MappedFile does.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

}  // namespace rebasis
