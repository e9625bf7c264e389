#include "cli/compare/kept_outputs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include "cli/build_info.h"
#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t length_bytes = 8;  // of the header's length, at the start of a safetensors file
constexpr std::size_t most_files = 1'000'000;

std::string key_path(const std::string& output) { return output + ".key"; }
std::string key_file(const std::string& output, const OutputKey& key) {
  return key.text() + "output " + fingerprint(output) + "\n";
}

}  // namespace

void OutputKey::add(const std::string& what, const std::string& value) {
  // Long or multi-line values by their checksum, so that a key stays a short text that people can compare.
  const bool plain = value.size() <= 200 && value.find('\n') == std::string::npos;
  text_ += what + " " + (plain ? value : "sha256:" + sha256(value)) + "\n";
}

void OutputKey::add_file(const std::string& what, const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    add(what, fingerprint(path));
    return;
  }
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file(error)) files.push_back(entry->path().string());
    if (files.size() > most_files) fail_input(path + ": more than a million files; give a folder of images");
  }
  if (error) fail_input(path + ": " + error.message());
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& file : files) all += fs::path(file).filename().string() + " " + sha256_of_file(file) + "\n";
  add(what, sha256(all));
}

std::string fingerprint(const std::string& path) {
  const MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  if (path.ends_with(".trace") && bytes.size() >= length_bytes) {
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), length_bytes);
    if (header <= bytes.size() - length_bytes)
      return sha256(bytes.first(length_bytes + static_cast<std::size_t>(header))) + "+" + std::to_string(bytes.size());
  }
  return sha256(bytes);
}

std::string tool_fingerprint() {
  std::string text(build_version);
  std::error_code error;
  const fs::path self = fs::canonical("/proc/self/exe", error);
  for (const fs::path& program : {self, self.parent_path().parent_path() / "libexec" / "rebasis" / "rebasis-torch"}) {
    const auto time = fs::last_write_time(program, error);
    if (error) continue;
    text += " " + std::to_string(fs::file_size(program, error)) + "@" + std::to_string(time.time_since_epoch().count());
  }
  return text;
}

bool is_kept(const std::string& output, const OutputKey& key) {
  std::error_code error;
  if (!fs::is_regular_file(output, error) || !fs::is_regular_file(key_path(output), error)) return false;
  try {
    return read_file(key_path(output)) == key_file(output, key);
  } catch (const Error&) {
    return false;  // it is made again
  }
}

void forget(const std::string& output) {
  std::error_code ignored;
  fs::remove(key_path(output), ignored);
}

void keep(const std::string& output, const OutputKey& key) { write_file(key_path(output), key_file(output, key)); }

}  // namespace rebasis::cli
