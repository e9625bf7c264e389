// SHA-256 (FIPS 180-4) of bytes and files, as 64 lower-case hexadecimal digits.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rebasis {

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
/// Of a regular file's content; fails as MappedFile does.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

/// The same of numbers and bytes that come one after the other, as many as there are. A number is its groups of seven
/// bits, lowest first, a byte each whose top bit says that another follows (LEB128): most are small. Who adds lists
/// adds their lengths first, so that no two sequences of lists are the same bytes.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  template <std::integral Number>
  void add(Number number) {
    add_word(static_cast<std::uint64_t>(number));
  }
  /// Its bits, so that equal numbers alone give equal digests (0 and -0 differ).
  void add(double number);
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  /// Ends the sequence; call it once.
  [[nodiscard]] std::string digest();

 private:
  struct State;
  void add_word(std::uint64_t word) {
    if (filled_ + longest_word > pending_.size()) flush();
    for (; word >= 128; word >>= 7U) pending_[filled_++] = static_cast<std::byte>(word % 128 + 128);
    pending_[filled_++] = static_cast<std::byte>(word);
  }
  void flush();

  static constexpr std::size_t longest_word = 10;

  std::unique_ptr<State> state_;
  std::array<std::byte, 4096> pending_;  ///< libcrypto is called for thousands of bytes at once
  std::size_t filled_ = 0;
};

}  // namespace rebasis
