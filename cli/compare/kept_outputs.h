// Outputs of earlier runs that need not be made again.
#pragma once

#include <string>
#include <vector>

namespace rebasis::cli {

/// What an output depends on, a line each: "network 3f8a...". Equal keys, equal outputs.
class OutputKey {
 public:
  void add(const std::string& what, const std::string& value);
  /// The content of a file; of a folder, that of its files.
  void add_file(const std::string& what, const std::string& path);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// SHA-256 that identifies a file. Of a trace, that of its header, which holds the checksums of all its tensors.
[[nodiscard]] std::string fingerprint(const std::string& path);
/// Version, and size and time of the programs that do the work: a program that was built again may do it differently.
[[nodiscard]] std::string tool_fingerprint();

/// True when `output` was made with this key and is as it was then. The key of an output is in the file OUTPUT.key.
[[nodiscard]] bool is_kept(const std::string& output, const OutputKey& key);
/// Before `output` is made.
void forget(const std::string& output);
/// After it was made.
void keep(const std::string& output, const OutputKey& key);

}  // namespace rebasis::cli
