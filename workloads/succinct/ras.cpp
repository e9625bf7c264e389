#include "workloads/succinct/ras.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::succinct {
namespace {

/// Cuts a union into its symbols; everything that does not fit throws.
class Parser {
 public:
  Parser(const Strings& strings, const encode::MatrixShape& shape) : strings_(strings) {
    matrix_.rows = shape.rows;
    matrix_.columns = shape.columns;
    matrix_.bits = shape.bits;
    matrix_.values.resize(encode::check_shape(shape));
  }

  encode::WeightMatrix parse() {
    const Symbol flag = next();
    if (flag < first_flag || flag >= first_operand) fail("no flag at the head");
    const auto type = static_cast<RasType>(flag - first_flag);
    if (is_block(type)) {
      for (std::int64_t m = 0; m < matrix_.rows; ++m) parse_run(type, bracket, m * matrix_.columns, matrix_.columns);
    } else {
      parse_run(type, bar, 0, matrix_.rows * matrix_.columns);
    }
    if (next() != border || next_value() != border || at_ != strings_.main.size() ||
        value_at_ != strings_.values.size()) {
      fail("no border at the end");
    }
    encode::check_matrix(matrix_);
    return std::move(matrix_);
  }

 private:
  [[noreturn]] static void fail(const std::string& what) { fail_input("runtime-accessible sequence: " + what); }
  Symbol next() {
    if (at_ == strings_.main.size()) fail("it ends too early");
    return strings_.main[at_++];
  }
  Symbol next_value() {
    if (value_at_ == strings_.values.size()) fail("it has fewer values than distances");
    return strings_.values[value_at_++];
  }
  /// A delimiter and the operands behind it, which are `count` weights from `first` on.
  void parse_run(RasType type, Symbol delimiter, std::int64_t first, std::int64_t count) {
    if (next() != delimiter) fail("a delimiter is missing");
    if (!is_sparse(type)) {
      for (std::int64_t i = 0; i < count; ++i) set(first + i, operand() - first_operand);
      return;
    }
    std::int64_t position = first - 1;
    while (at_ < strings_.main.size() && strings_.main[at_] >= first_operand) {
      position += std::int64_t{operand() - first_operand} + 1;
      const Symbol value = next_value();
      if (position >= first + count) fail("a distance beyond the end");
      if (value <= first_value) fail("a tuple without a non-zero value");
      set(position, value - first_value);
    }
  }
  Symbol operand() {
    const Symbol symbol = next();
    if (symbol < first_operand) fail("a delimiter among the operands");
    return symbol;
  }
  void set(std::int64_t i, Symbol value) { matrix_.values[static_cast<std::size_t>(i)] = unzigzag(value); }

  const Strings& strings_;
  std::size_t at_ = 0, value_at_ = 0;
  encode::WeightMatrix matrix_;
};

/// A delimiter and a run of weights behind it.
void append_run(std::span<const std::int32_t> weights, Symbol delimiter, bool sparse, Strings& strings) {
  strings.main.push_back(delimiter);
  std::size_t next = 0;  // behind the last non-zero weight
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!sparse) {
      strings.main.push_back(first_operand + zigzag(weights[i]));
    } else if (weights[i] != 0) {
      strings.main.push_back(first_operand + static_cast<Symbol>(i - next));
      strings.values.push_back(first_value + zigzag(weights[i]));
      next = i + 1;
    }
  }
}

}  // namespace

std::string name_of(RasType type) {
  return std::string(is_block(type) ? "block-wise" : "element-wise") + (is_sparse(type) ? ", sparse" : ", dense");
}

void append_union(const encode::WeightMatrix& matrix, RasType type, Strings& strings) {
  encode::check_matrix(matrix);
  strings.main.push_back(flag_of(type));
  const std::span<const std::int32_t> weights(matrix.values);
  const auto columns = static_cast<std::size_t>(matrix.columns);
  if (is_block(type)) {
    for (std::size_t m = 0; m < static_cast<std::size_t>(matrix.rows); ++m) {
      append_run(weights.subspan(m * columns, columns), bracket, is_sparse(type), strings);
    }
  } else {
    append_run(weights, bar, is_sparse(type), strings);
  }
  strings.main.push_back(border);
  strings.values.push_back(border);
}

encode::WeightMatrix parse_union(const Strings& strings, const encode::MatrixShape& shape) {
  return Parser(strings, shape).parse();
}

}  // namespace rebasis::succinct
