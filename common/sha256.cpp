#include "common/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <memory>

#include "common/error.h"
#include "common/file.h"

namespace rebasis {

namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string hexadecimal(const Digest& digest, unsigned length) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

void check(int result) {
  if (result != 1) fail_internal("libcrypto cannot compute SHA-256");
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  Digest digest{};
  unsigned length = 0;
  check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr));
  return hexadecimal(digest, length);
}

std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

std::string sha256_of_file(const std::string& path) { return sha256(MappedFile(path).bytes()); }

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (!state_->context) fail_internal("libcrypto cannot compute SHA-256");
  check(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::flush() {
  check(EVP_DigestUpdate(state_->context.get(), pending_.data(), filled_));
  filled_ = 0;
}

void Sha256::add(double number) { add_word(std::bit_cast<std::uint64_t>(number)); }

void Sha256::add(std::span<const std::byte> bytes) {
  flush();
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

void Sha256::add(std::string_view text) { add(std::as_bytes(std::span(text))); }

std::string Sha256::digest() {
  flush();
  Digest digest{};
  unsigned length = 0;
  check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length));
  return hexadecimal(digest, length);
}

}  // namespace rebasis
