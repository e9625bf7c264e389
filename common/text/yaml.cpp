#include "common/text/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>

#include <cctype>
#include <set>
#include <sstream>
#include <vector>

#include "common/file.h"
#include "common/text/suggest.h"

namespace rebasis {
namespace {

/// Hears the documents of a text and refuses a second one. YAML::LoadAll is no way to find out: on stray text such as
/// "," yaml-cpp 0.7 hands out empty documents without end.
class OneDocument : public YAML::EventHandler {
 public:
  explicit OneDocument(const std::string& name) : name_(name) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      fail_input({name_, mark.line + 1}, "text follows the end of the document; keep one document a file");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  const std::string& name_;
  int documents_ = 0;
};

void check_one_document(const std::string& text, const std::string& name) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  OneDocument handler(name);
  while (parser.HandleNextDocument(handler)) {
  }
}

/// yaml-cpp 0.7 takes the end of the text for a missing quote when a line break comes first, so a truncated file would
/// pass; without that line break it is an error.
std::string without_trailing_space(const std::string& text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string::npos ? std::string() : text.substr(0, last + 1);
}

/// Walks the document once as the reader of it would, aliases expanded, and refuses what the limits or the
/// subset of YAML that this project uses do not allow.
class Checker {
 public:
  Checker(const std::string& name, const YamlLimits& limits) : name_(name), limits_(limits) {}

  [[noreturn]] void fail_depth(const SourceLocation& where) const {
    fail_input(where, fmt::format("maps and lists are nested deeper than {}; flatten them", limits_.depth));
  }

  void check(const YAML::Node& node, std::size_t depth) {
    const SourceLocation where = location_of(node, name_);
    if (++nodes_ > limits_.nodes) {
      fail_input(where, fmt::format("the document has more than {} values, aliases expanded; split it or drop aliases",
                                    limits_.nodes));
    }
    if (depth > limits_.depth) fail_depth(where);
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
  Checker checker(name, limits);
  try {
    const std::string trimmed = without_trailing_space(text);
    check_one_document(trimmed, name);
    const YAML::Node root = YAML::Load(trimmed);
    checker.check(root, 0);
    return root;
  } catch (const YAML::DeepRecursion& error) {
    checker.fail_depth({name, error.mark.line + 1});
  } catch (const YAML::Exception& error) {
    fail_input({name, error.mark.is_null() ? 0 : error.mark.line + 1},
               fmt::format("not valid YAML: {}; correct the syntax", error.msg));
  }
}

YAML::Node load_yaml(const std::string& path, const YamlLimits& limits) {
  return parse_yaml(read_file(path, limits.bytes), path, limits);
}

std::string yaml_scalar(const std::string& text) {
  static const std::string kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-+/%";
  const auto letter_or_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const bool plain =
      !text.empty() && text.find_first_not_of(kPlain) == std::string::npos &&
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
