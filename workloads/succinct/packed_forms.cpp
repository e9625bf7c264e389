// Weights in fields of a fixed number of bits: packed, direct index, relative index, compressed sparse rows.
#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>

#include "workloads/encode/bit_stream.h"
#include "workloads/succinct/forms.h"

namespace rebasis::succinct {
namespace {

using encode::WeightMatrix;

/// Values of a fixed number of bits, two's complement.
class PackedValues {
 public:
  PackedValues(int bits, const std::vector<std::int32_t>& values) : bits_(bits) {
    encode::BitWriter writer;
    for (const std::int32_t value : values) writer.write(static_cast<std::uint32_t>(value), bits);
    bytes_ = writer.take();
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.size(); }
  [[nodiscard]] encode::BitReader reader() const { return encode::BitReader(bytes_); }
  [[nodiscard]] std::int32_t read(encode::BitReader& reader) const {
    const int unused = 32 - bits_;
    return static_cast<std::int32_t>(reader.read(bits_) << unused) >> unused;
  }

 private:
  int bits_;
  std::vector<std::uint8_t> bytes_;
};

std::vector<std::int32_t> nonzeros(const WeightMatrix& matrix) {
  std::vector<std::int32_t> values;
  std::ranges::copy_if(matrix.values, std::back_inserter(values), [](std::int32_t value) { return value != 0; });
  return values;
}

class PackedForm : public WeightForm {
 public:
  explicit PackedForm(const WeightMatrix& matrix)
      : columns_(static_cast<std::uint32_t>(matrix.columns)), values_(matrix.bits, matrix.values) {}
  std::uint64_t bytes() const override { return values_.bytes(); }
  void start() override { reader_ = values_.reader(); }
  void next(FilterOperands& operands) override {
    operands.start(columns_);
    for (std::uint32_t i = 0; i < columns_; ++i) operands.add_unless_zero(i, values_.read(reader_));
  }

 private:
  std::uint32_t columns_;
  PackedValues values_;
  encode::BitReader reader_ = values_.reader();
};

class DirectIndexForm : public WeightForm {
 public:
  explicit DirectIndexForm(const WeightMatrix& matrix)
      : columns_(static_cast<std::size_t>(matrix.columns)),
        index_((matrix.values.size() + 63) / 64),
        values_(matrix.bits, nonzeros(matrix)) {
    for (std::size_t i = 0; i < matrix.values.size(); ++i) {
      if (matrix.values[i] != 0) index_[i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }
  std::uint64_t bytes() const override { return index_.size() * 8 + values_.bytes(); }
  void start() override {
    at_ = 0;
    reader_ = values_.reader();
  }
  void next(FilterOperands& operands) override {
    operands.start(static_cast<std::int64_t>(columns_));
    const std::size_t end = at_ + columns_;
    for (std::size_t base = at_ / 64 * 64; base < end; base += 64) {
      std::uint64_t word = index_[base / 64];
      if (base < at_) word &= ~std::uint64_t{0} << (at_ - base);
      if (end - base < 64) word &= (std::uint64_t{1} << (end - base)) - 1;
      for (; word != 0; word &= word - 1) {
        const std::size_t i = base + static_cast<std::size_t>(std::countr_zero(word)) - at_;
        operands.add(static_cast<std::uint32_t>(i), values_.read(reader_));
      }
    }
    at_ = end;
  }

 private:
  std::size_t columns_, at_ = 0;
  std::vector<std::uint64_t> index_;
  PackedValues values_;
  encode::BitReader reader_ = values_.reader();
};

template <class Column>
class CsrForm : public WeightForm {
 public:
  explicit CsrForm(const WeightMatrix& matrix) : width_(matrix.columns), values_(matrix.bits, nonzeros(matrix)) {
    rows_.push_back(0);
    for (std::size_t i = 0; i < matrix.values.size(); ++i) {
      const std::size_t column = i % static_cast<std::size_t>(matrix.columns);
      if (matrix.values[i] != 0) columns_.push_back(static_cast<Column>(column));
      if (column + 1 == static_cast<std::size_t>(matrix.columns)) {
        rows_.push_back(static_cast<std::uint32_t>(columns_.size()));
      }
    }
  }
  std::uint64_t bytes() const override {
    return rows_.size() * sizeof(std::uint32_t) + columns_.size() * sizeof(Column) + values_.bytes();
  }
  void start() override {
    row_ = 0;
    reader_ = values_.reader();
  }
  void next(FilterOperands& operands) override {
    operands.start(width_);
    for (std::uint32_t k = rows_[row_]; k < rows_[row_ + 1]; ++k) operands.add(columns_[k], values_.read(reader_));
    ++row_;
  }

 private:
  std::int64_t width_;
  std::size_t row_ = 0;
  std::vector<std::uint32_t> rows_;
  std::vector<Column> columns_;
  PackedValues values_;
  encode::BitReader reader_ = values_.reader();
};

class RelativeIndexForm : public WeightForm {
 public:
  explicit RelativeIndexForm(const WeightMatrix& matrix)
      : columns_(matrix.columns), value_bits_(matrix.bits), run_bits_(best_run_bits(matrix)) {
    encode::BitWriter writer;
    std::uint32_t run = 0;
    for (const std::int32_t value : matrix.values) {
      if (value == 0 && run < longest_run()) {
        ++run;
        continue;
      }
      // A zero behind the longest run is a placeholder; those behind the last weight are harmless.
      writer.write(run, run_bits_);
      writer.write(static_cast<std::uint32_t>(value), value_bits_);
      run = 0;
      ++pairs_;
    }
    bytes_ = writer.take();
  }
  std::uint64_t bytes() const override { return bytes_.size(); }
  void start() override {
    reader_ = encode::BitReader(bytes_);
    left_ = pairs_;
    row_end_ = 0;
    position_ = -1;
    take();
  }
  void next(FilterOperands& operands) override {
    operands.start(columns_);
    const std::int64_t first = row_end_;
    row_end_ += columns_;
    while (position_ < row_end_) {
      operands.add_unless_zero(static_cast<std::uint32_t>(position_ - first), value_);
      take();
    }
  }

 private:
  [[nodiscard]] std::uint32_t longest_run() const { return (1U << run_bits_) - 1; }
  void take() {
    if (left_ == 0) {
      position_ = std::numeric_limits<std::int64_t>::max();
      return;
    }
    --left_;
    position_ += std::int64_t{reader_.read(run_bits_)} + 1;
    const int unused = 32 - value_bits_;
    value_ = static_cast<std::int32_t>(reader_.read(value_bits_) << unused) >> unused;
  }
  static int best_run_bits(const WeightMatrix& matrix) {
    constexpr int widest = 12;
    std::array<std::uint64_t, widest + 1> pairs{};
    std::uint64_t run = 0;
    for (const std::int32_t value : matrix.values) {
      ++run;
      if (value == 0) continue;
      for (int bits = 1; bits <= widest; ++bits) pairs[static_cast<std::size_t>(bits)] += 1 + ((run - 1) >> bits);
      run = 0;
    }
    int best = 1;
    const auto size = [&](int bits) {
      return pairs[static_cast<std::size_t>(bits)] * static_cast<std::uint64_t>(bits + matrix.bits);
    };
    for (int bits = 2; bits <= widest; ++bits) best = size(bits) < size(best) ? bits : best;
    return best;
  }

  std::int64_t columns_;
  int value_bits_, run_bits_;
  std::vector<std::uint8_t> bytes_;
  std::uint64_t pairs_ = 0, left_ = 0;
  encode::BitReader reader_ = encode::BitReader(bytes_);
  std::int64_t position_ = -1, row_end_ = 0;
  std::int32_t value_ = 0;
};

}  // namespace

std::unique_ptr<WeightForm> packed_form(const WeightMatrix& matrix) {
  encode::check_matrix(matrix);
  return std::make_unique<PackedForm>(matrix);
}

std::unique_ptr<WeightForm> direct_index_form(const WeightMatrix& matrix) {
  encode::check_matrix(matrix);
  return std::make_unique<DirectIndexForm>(matrix);
}

std::unique_ptr<WeightForm> csr_form(const WeightMatrix& matrix) {
  encode::check_matrix(matrix);
  if (matrix.columns <= 256) return std::make_unique<CsrForm<std::uint8_t>>(matrix);
  if (matrix.columns <= 65536) return std::make_unique<CsrForm<std::uint16_t>>(matrix);
  return std::make_unique<CsrForm<std::uint32_t>>(matrix);
}

std::unique_ptr<WeightForm> relative_index_form(const WeightMatrix& matrix) {
  encode::check_matrix(matrix);
  return std::make_unique<RelativeIndexForm>(matrix);
}

}  // namespace rebasis::succinct
