#include "workloads/succinct/forms.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "workloads/encode/bit_stream.h"

namespace rebasis::succinct {
namespace {

using encode::WeightMatrix;

template <class Weight>
class DenseForm : public WeightForm {
 public:
  explicit DenseForm(const WeightMatrix& matrix) : columns_(static_cast<std::size_t>(matrix.columns)) {
    for (const std::int32_t value : matrix.values) weights_.push_back(static_cast<Weight>(value));
  }
  std::uint64_t bytes() const override { return weights_.size() * sizeof(Weight); }
  void start() override { at_ = 0; }
  void next(FilterOperands& operands) override {
    operands.start(static_cast<std::int64_t>(columns_));
    for (std::size_t i = 0; i < columns_; ++i) {
      operands.add_unless_zero(static_cast<std::uint32_t>(i), weights_[at_ + i]);
    }
    at_ += columns_;
  }

 protected:
  std::size_t columns_, at_ = 0;
  std::vector<Weight> weights_;
};

template <class Weight>
class MultiplyAllForm : public DenseForm<Weight> {
 public:
  using DenseForm<Weight>::DenseForm;
  void run(Convolution& convolution, std::int64_t filters, Outputs& outputs) override {
    const std::span<const Weight> weights(this->weights_);
    for (std::int64_t m = 0; m < filters; ++m) {
      convolution.run_dense(m, weights.subspan(static_cast<std::size_t>(m) * this->columns_, this->columns_), outputs);
    }
  }
};

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

/// Decodes all of the layer, then hands out its filters.
class CoderForm : public WeightForm {
 public:
  CoderForm(const std::string& coder, const WeightMatrix& matrix)
      : shape_(encode::shape_of(matrix)), coder_(encode::CoderRegistry::global().create(coder)) {
    coded_ = coder_->encode(matrix).bytes;
  }
  std::uint64_t bytes() const override { return coded_.size(); }
  std::uint64_t scratch_bytes() const override { return scratch_; }
  void start() override {
    matrix_ = coder_->decode(coded_, shape_);
    scratch_ = matrix_.values.capacity() * sizeof(std::int32_t);
    row_ = 0;
  }
  void next(FilterOperands& operands) override {
    operands.start(matrix_.columns);
    const std::int32_t* weights = matrix_.values.data() + row_ * matrix_.columns;
    for (std::int64_t i = 0; i < matrix_.columns; ++i) {
      operands.add_unless_zero(static_cast<std::uint32_t>(i), weights[i]);
    }
    ++row_;
  }

 private:
  encode::MatrixShape shape_;
  std::unique_ptr<encode::Coder> coder_;
  std::vector<std::uint8_t> coded_;
  WeightMatrix matrix_;
  std::uint64_t scratch_ = 0;
  std::int64_t row_ = 0;
};

class SuccinctForm : public WeightForm {
 public:
  SuccinctForm(const SuccinctNetwork& network, std::size_t layer) : network_(network), layer_(layer) {}
  std::uint64_t bytes() const override {
    const TreeBytes all = network_.bytes();
    const std::uint64_t bits = network_.main().node_bits() + network_.values().node_bits();
    if (bits == 0) return 0;
    return static_cast<std::uint64_t>(static_cast<double>(all.total()) *
                                      static_cast<double>(network_.wavelet_bits(layer_)) / static_cast<double>(bits));
  }
  std::uint64_t scratch_bytes() const override { return reader_ ? reader_->scratch_bytes() : 0; }
  void start() override { reader_.emplace(network_, layer_); }
  void next(FilterOperands& operands) override { reader_->next(operands); }

 private:
  const SuccinctNetwork& network_;
  std::size_t layer_;
  std::optional<LayerReader> reader_;
};

template <template <class> class Form>
std::unique_ptr<WeightForm> by_width(const WeightMatrix& matrix) {
  encode::check_matrix(matrix);
  if (matrix.bits > 8) return std::make_unique<Form<std::int16_t>>(matrix);
  return std::make_unique<Form<std::int8_t>>(matrix);
}

}  // namespace

void WeightForm::run(Convolution& convolution, std::int64_t filters, Outputs& outputs) {
  start();
  for (std::int64_t m = 0; m < filters; ++m) {
    next(operands_);
    convolution.run(m, operands_, outputs);
  }
}

std::unique_ptr<WeightForm> dense_form(const WeightMatrix& matrix) { return by_width<MultiplyAllForm>(matrix); }
std::unique_ptr<WeightForm> zero_skipping_form(const WeightMatrix& matrix) { return by_width<DenseForm>(matrix); }

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

std::unique_ptr<WeightForm> coder_form(const std::string& coder, const WeightMatrix& matrix) {
  return std::make_unique<CoderForm>(coder, matrix);
}

std::unique_ptr<WeightForm> succinct_form(const SuccinctNetwork& network, std::size_t layer) {
  return std::make_unique<SuccinctForm>(network, layer);
}

}  // namespace rebasis::succinct
