#include "common/text/yaml.h"

#include <fmt/format.h>

#include <cctype>
#include <set>
#include <vector>

#include "common/file.h"
#include "common/text/suggest.h"

namespace rebasis {
namespace {

/// Walks the document once as the reader of it would, aliases expanded, and refuses what the limits or the
/// subset of YAML that this project uses do not allow.
class Checker {
 public:
  Checker(const std::string& name, const YamlLimits& limits) : name_(name), limits_(limits) {}

  void check(const YAML::Node& node, std::size_t depth) {
    const SourceLocation where = location_of(node, name_);
    if (++nodes_ > limits_.nodes) {
      fail_input(where, fmt::format("the document has more than {} values, aliases expanded; split it or drop aliases",
                                    limits_.nodes));
    }
    if (depth > limits_.depth) {
      fail_input(where, fmt::format("maps and lists are nested deeper than {}; flatten them", limits_.depth));
    }
    if (node.IsMap()) check_map(node, depth);
    if (node.IsSequence()) {
      for (const auto& item : node) check(item, depth + 1);
    }
  }

 private:
  void check_map(const YAML::Node& map, std::size_t depth) {
    std::set<std::string> seen;
    for (const auto& pair : map) {
      const SourceLocation where = location_of(pair.first, name_);
      if (!pair.first.IsScalar()) fail_input(where, "a key is not a plain word; write 'key: value'");
      const std::string& key = pair.first.Scalar();
      if (key == "<<") fail_input(where, "the merge key '<<' is not supported; write the keys out");
      if (!seen.insert(key).second) {
        fail_input(where, fmt::format("key {} is given twice; keep one of the two lines", in_quotes(key)));
      }
      check(pair.second, depth + 1);
    }
  }

  const std::string& name_;
  const YamlLimits& limits_;
  std::size_t nodes_ = 0;
};

}  // namespace

SourceLocation location_of(const YAML::Node& node, const std::string& name) {
  const YAML::Mark mark = node.Mark();
  return {name, mark.is_null() ? 0 : mark.line + 1};
}

YAML::Node parse_yaml(const std::string& text, const std::string& name, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    fail_input(fmt::format("{}: is larger than {} bytes; a YAML file of this kind is smaller", name, limits.bytes));
  }
  if (const auto zero = text.find('\0'); zero != std::string::npos) {
    fail_input({name, 0}, fmt::format("has a zero byte at offset {}; give a YAML text file", zero));
  }
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return YAML::Node();
    if (documents.size() > 1) {
      fail_input(location_of(documents[1], name), "a second document starts; keep one document a file");
    }
    Checker(name, limits).check(documents[0], 0);
    return documents[0];
  } catch (const YAML::Exception& error) {
    fail_input({name, error.mark.is_null() ? 0 : error.mark.line + 1},
               fmt::format("not valid YAML: {}; correct the syntax", error.msg));
  }
}

YAML::Node load_yaml(const std::string& path, const YamlLimits& limits) {
  return parse_yaml(read_file(path, limits.bytes), path, limits);
}

std::string yaml_scalar(const std::string& text) {
  static const std::string kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-+/%";
  const auto letter_or_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string::npos &&
                     (letter_or_digit(text.front()) || (text.front() == '-' && text.size() > 1 && letter_or_digit(text[1]))) &&
                     text.back() != ' ' && text != "null" && text != "Null" && text != "NULL";
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte == 127) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace rebasis
