#include "workloads/network_spec/expression.h"

#include <cctype>
#include <vector>

#include "common/text/suggest.h"

namespace rebasis::networks {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 40;

class Parser {
 public:
  Parser(const std::string& text, const Variables& variables, const SourceLocation& where)
      : text_(text), variables_(variables), where_(where) {}

  std::int64_t value() {
    std::int64_t sum = product();
    while (next() == '+' || next() == '-') {
      const bool minus = text_[position_++] == '-';
      const std::int64_t term = product();
      sum = checked(minus ? sum - term : sum + term);
    }
    if (position_ != text_.size()) fail("does not understand what follows " + in_quotes(text_.substr(0, position_)));
    return sum;
  }

 private:
  std::int64_t product() {
    std::int64_t result = factor();
    while (next() == '*' || next() == '/') {
      const bool divides = text_[position_++] == '/';
      const std::int64_t right = factor();
      if (divides) {
        if (right == 0 || result % right != 0) fail("does not divide " + std::to_string(result) + " evenly");
        result /= right;
      } else if (right != 0 && std::abs(result) > largest / std::abs(right)) {
        fail("is too large");
      } else {
        result *= right;
      }
    }
    return result;
  }

  std::int64_t factor() {
    const char first = next();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_word(text_[position_])) ++position_;
    const std::string word = text_.substr(begin, position_ - begin);
    if (word.empty()) fail("lacks a number or a name after " + in_quotes(text_.substr(0, begin)));
    return std::isdigit(static_cast<unsigned char>(first)) != 0 ? number(word) : variable(word);
  }

  std::int64_t number(const std::string& word) {
    std::int64_t result = 0;
    for (const char digit : word) {
      if (std::isdigit(static_cast<unsigned char>(digit)) == 0) fail("has the malformed number " + in_quotes(word));
      result = checked(result * 10 + (digit - '0'));
    }
    return result;
  }

  std::int64_t variable(const std::string& word) {
    const auto found = variables_.find(word);
    if (found != variables_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, unused] : variables_) known.push_back(name);
    fail("uses the unknown name " + in_quotes(word) + did_you_mean(word, known) + "; known: " + joined(known));
  }

  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

  /// The next character that is no space, or '\0' at the end.
  char next() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  std::int64_t checked(std::int64_t number) {
    if (std::abs(number) > largest) fail("is too large");
    return number;
  }

  [[noreturn]] void fail(const std::string& what) const {
    fail_input(where_, "the expression " + in_quotes(text_) + " " + what + "; write numbers and names with + - * /");
  }

  const std::string& text_;
  const Variables& variables_;
  const SourceLocation& where_;
  std::size_t position_ = 0;
};

}  // namespace

std::int64_t evaluate(const std::string& text, const Variables& variables, const SourceLocation& where) {
  return Parser(text, variables, where).value();
}

}  // namespace rebasis::networks
