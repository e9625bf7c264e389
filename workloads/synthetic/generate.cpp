#include "workloads/synthetic/generate.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <map>
#include <mutex>
#include <random>

namespace rebasis::synthetic {
namespace {

enum class Purpose : std::uint32_t { weights = 11, filters, biases, channels, field };

std::mt19937_64 generator_of(const Stream& stream, Purpose purpose) {
  std::seed_seq sequence{static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32),
                         static_cast<std::uint32_t>(stream.layer), static_cast<std::uint32_t>(purpose)};
  return std::mt19937_64(sequence);
}

/// Magnitudes of a generalised normal distribution of unit variance, density ~ exp(-|x / a|^shape), by a table of
/// quantiles with linear interpolation; the tail ends at probability 2^-15.
class Magnitudes {
 public:
  explicit Magnitudes(double shape) : table_(cells + 1) {
    const double unit = std::sqrt(std::tgamma(1 / shape) / std::tgamma(3 / shape));
    for (std::size_t i = 0; i <= cells; ++i) {
      const double probability = std::min(static_cast<double>(i) / cells, 1 - 0.5 / cells);
      table_[i] = static_cast<float>(unit * std::pow(boost::math::gamma_p_inv(1 / shape, probability), 1 / shape));
    }
  }

  /// A signed value from 64 random bits.
  [[nodiscard]] float value(std::uint64_t random) const {
    const std::uint64_t cell = random >> (64 - cell_bits);
    const float along = static_cast<float>((random >> 16) & 0xFFFFFFU) * 0x1p-24F;
    const float magnitude = table_[cell] + along * (table_[cell + 1] - table_[cell]);
    return (random & 1U) != 0 ? -magnitude : magnitude;
  }

 private:
  static constexpr unsigned cell_bits = 14;
  static constexpr std::size_t cells = std::size_t{1} << cell_bits;
  std::vector<float> table_;
};

/// Tables take long to make and depend on the shape alone.
const Magnitudes& magnitudes_of(double shape) {
  static std::mutex mutex;
  static std::map<double, Magnitudes> tables;
  const std::lock_guard lock(mutex);
  return tables.try_emplace(shape, shape).first->second;
}

double deviation_of(const LayerShape& shape, const WeightStatistics& statistics) {
  return std::sqrt(statistics.variance / static_cast<double>(shape.channels_per_group() * shape.R * shape.S));
}

/// Weibull distribution by mean and standard deviation over mean.
class Weibull {
 public:
  Weibull(double mean, double deviation) : inverse_shape_(1 / shape_of(deviation)) {
    scale_ = mean / std::tgamma(1 + inverse_shape_);
  }
  [[nodiscard]] double quantile(double probability) const {
    return scale_ * std::pow(-std::log1p(-std::min(probability, 1 - 1e-12)), inverse_shape_);
  }

 private:
  static double shape_of(double deviation) {
    double low = 0.15, high = 40;  // deviation over mean falls as the shape grows
    for (int step = 0; step < 100; ++step) {
      const double shape = (low + high) / 2;
      const double first = std::tgamma(1 + 1 / shape), second = std::tgamma(1 + 2 / shape);
      (second / (first * first) - 1 > deviation * deviation ? low : high) = shape;
    }
    return (low + high) / 2;
  }
  double inverse_shape_, scale_ = 1;
};

/// The code of each quantile of the latent normal variable.
class Quantiles {
 public:
  Quantiles(const ActivationStatistics& s, const ActivationCode& code) : codes_(cells) {
    const Weibull up(s.mean, s.deviation), down(s.negative_mean, s.negative_deviation);
    const double negative = code.is_signed ? s.negative : 0, zero = s.zero / (1 - s.negative + negative);
    const double largest = code.largest();
    const auto coded = [&](double magnitude) {
      return static_cast<std::int32_t>(std::clamp(std::round(magnitude * largest), 1.0, largest));
    };
    for (std::size_t i = 0; i < cells; ++i) {
      const double z = (static_cast<double>(i) + 0.5) / per_unit - reach;
      const double u = 0.5 * std::erfc(-z / std::sqrt(2.0));
      if (u < negative) {
        codes_[i] = -coded(down.quantile((negative - u) / negative));
      } else if (u >= negative + zero) {
        codes_[i] = coded(up.quantile((u - negative - zero) / (1 - negative - zero)));
      }
    }
  }
  [[nodiscard]] std::int32_t code(float z) const {
    const float position = (z + static_cast<float>(reach)) * static_cast<float>(per_unit);
    return codes_[static_cast<std::size_t>(std::clamp(position, 0.0F, static_cast<float>(cells - 1)))];
  }

 private:
  static constexpr double reach = 5, per_unit = 1000;
  static constexpr std::size_t cells = 10'000;
  std::vector<std::int32_t> codes_;
};

/// A stationary normal field of unit variance, correlation vertical^|dy| * horizontal^|dx|, [H][W].
class Field {
 public:
  Field(const LayerShape& shape, const ActivationStatistics& s)
      : rows_(shape.H),
        columns_(shape.W),
        down_(static_cast<float>(s.vertical)),
        right_(static_cast<float>(s.horizontal)) {
    fresh_down_ = std::sqrt(1 - down_ * down_);
    fresh_right_ = std::sqrt(1 - right_ * right_);
    values_.resize(static_cast<std::size_t>(rows_ * columns_));
  }

  const std::vector<float>& draw(std::mt19937_64& generator) {
    for (std::int64_t y = 0; y < rows_; ++y) {
      float* const row = values_.data() + y * columns_;
      float left = 0;
      for (std::int64_t x = 0; x < columns_; ++x) {
        left = x == 0 ? normal_(generator) : right_ * left + fresh_right_ * normal_(generator);
        row[x] = y == 0 ? left : down_ * row[x - columns_] + fresh_down_ * left;
      }
    }
    return values_;
  }

 private:
  std::int64_t rows_, columns_;
  float down_, right_, fresh_down_ = 1, fresh_right_ = 1;
  std::vector<float> values_;
  std::normal_distribution<float> normal_;
};

}  // namespace

std::vector<float> weights(const LayerShape& shape, const WeightStatistics& statistics, const Stream& stream) {
  const Magnitudes& magnitudes = magnitudes_of(statistics.shape);
  std::mt19937_64 generator = generator_of(stream, Purpose::weights), filters = generator_of(stream, Purpose::filters);
  const double spread = statistics.filter_spread;
  std::normal_distribution<double> log_scale(-spread * spread, spread == 0 ? 1 : spread);  // mean square 1
  const double deviation = deviation_of(shape, statistics);
  std::vector<float> values(static_cast<std::size_t>(shape.weights()));
  const std::size_t filter = values.size() / static_cast<std::size_t>(shape.M);
  for (std::size_t first = 0; first < values.size(); first += filter) {
    const auto scale = static_cast<float>(deviation * (spread == 0 ? 1 : std::exp(log_scale(filters))));
    for (std::size_t i = first; i < first + filter; ++i) values[i] = scale * magnitudes.value(generator());
  }
  return values;
}

std::vector<float> biases(const LayerShape& shape, const WeightStatistics& statistics, const Stream& stream) {
  std::mt19937_64 generator = generator_of(stream, Purpose::biases);
  std::normal_distribution<float> normal(0.0F, static_cast<float>(deviation_of(shape, statistics) / 10));
  std::vector<float> values(static_cast<std::size_t>(shape.M));
  std::ranges::generate(values, [&] { return normal(generator); });
  return values;
}

std::vector<std::int32_t> activations(const LayerShape& shape, std::int64_t images,
                                      const ActivationStatistics& statistics, const ActivationCode& code,
                                      const Stream& stream) {
  const Quantiles quantiles(statistics, code);
  std::mt19937_64 channels = generator_of(stream, Purpose::channels), generator = generator_of(stream, Purpose::field);
  std::normal_distribution<float> normal;
  std::vector<float> shared(static_cast<std::size_t>(shape.C));
  const auto common = static_cast<float>(std::sqrt(statistics.channel));
  const auto own = static_cast<float>(std::sqrt(1 - statistics.channel));
  std::ranges::generate(shared, [&] { return common * normal(channels); });

  Field field(shape, statistics);
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(images * shape.C * shape.H * shape.W));
  for (std::int64_t image = 0; image < images; ++image) {
    for (const float channel : shared) {
      for (const float value : field.draw(generator)) codes.push_back(quantiles.code(channel + own * value));
    }
  }
  return codes;
}

}  // namespace rebasis::synthetic
