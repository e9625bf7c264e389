#include "dse/expression.h"

#include <muParser.h>

#include <cmath>

namespace rebasis::dse {

namespace {

constexpr std::size_t longest_formula = 4096;
constexpr double kibi = 1024;

double times_kibi(double value) { return value * kibi; }
double times_mebi(double value) { return value * kibi * kibi; }
double times_gibi(double value) { return value * kibi * kibi * kibi; }
double times_kilo(double value) { return value * 1e3; }
double times_mega(double value) { return value * 1e6; }
double times_giga(double value) { return value * 1e9; }
double up(double value) { return std::ceil(value); }
double down(double value) { return std::floor(value); }

}  // namespace

struct Expression::Impl {
  mutable mu::Parser parser;
  mutable std::map<std::string, double> values;  ///< what the parser's variables point at
};

Expression::Expression(std::string text, SourceLocation where)
    : text_(std::move(text)), where_(std::move(where)), impl_(std::make_unique<Impl>()) {
  if (text_.size() > longest_formula) fail_input(where_, "the formula is longer than 4096 characters");
  mu::Parser& parser = impl_->parser;
  parser.DefineNameChars("0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  parser.DefinePostfixOprt("KiB", times_kibi);
  parser.DefinePostfixOprt("MiB", times_mebi);
  parser.DefinePostfixOprt("GiB", times_gibi);
  parser.DefinePostfixOprt("k", times_kilo);
  parser.DefinePostfixOprt("M", times_mega);
  parser.DefinePostfixOprt("G", times_giga);
  parser.DefineFun("ceil", up);
  parser.DefineFun("floor", down);
  try {
    parser.SetExpr(text_);
    for (const auto& variable : parser.GetUsedVar()) names_.push_back(variable.first);
    for (const std::string& name : names_) parser.DefineVar(name, &impl_->values[name]);
    (void)parser.Eval();
  } catch (const mu::ParserError& error) {
    fail_input(where_, "'" + text_ + "' is no formula: " + error.GetMsg());
  }
}

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

std::optional<double> Expression::value(const std::map<std::string, double>& values) const {
  for (auto& [name, number] : impl_->values) {
    const auto given = values.find(name);
    if (given == values.end()) fail_input(where_, "'" + text_ + "' needs the value of " + name + ", which has none");
    number = given->second;
  }
  const double result = impl_->parser.Eval();
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

double Expression::evaluate(const std::map<std::string, double>& values) const {
  const auto result = value(values);
  if (!result) fail_input(where_, "'" + text_ + "' has no finite value");
  return *result;
}

}  // namespace rebasis::dse
