#include "workloads/succinct/forms.h"

#include <algorithm>
#include <optional>

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

std::unique_ptr<WeightForm> coder_form(const std::string& coder, const WeightMatrix& matrix) {
  return std::make_unique<CoderForm>(coder, matrix);
}

std::unique_ptr<WeightForm> succinct_form(const SuccinctNetwork& network, std::size_t layer) {
  return std::make_unique<SuccinctForm>(network, layer);
}

}  // namespace rebasis::succinct
