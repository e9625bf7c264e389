// NPY files: type, shape and range of the values.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cli/inspect/inspector.h"
#include "cli/inspect/text_table.h"
#include "common/json.h"
#include "workloads/io/npy.h"

namespace rebasis::cli {
namespace {

struct Range {
  std::int64_t elements = 0, zeros = 0, not_finite = 0;
  double least = 0, greatest = 0;  ///< of the finite values; 0 when there is none
};

template <class T>
Range range_of(const Tensor<T>& tensor) {
  Range range;
  range.elements = tensor.size();
  bool first = true;
  for (const T value : tensor.values) {
    const auto real = static_cast<double>(value);
    if (!std::isfinite(real)) {
      ++range.not_finite;
      continue;
    }
    range.zeros += real == 0 ? 1 : 0;
    range.least = first ? real : std::min(range.least, real);
    range.greatest = first ? real : std::max(range.greatest, real);
    first = false;
  }
  return range;
}

class NpyInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override {
    return content.size() >= 6 && std::memcmp(content.data(), "\x93NUMPY", 6) == 0;
  }

  std::string describe(const InspectRequest& request) const override {
    const io::AnyTensor tensor = io::read_npy(request.path);
    const Shape shape = std::visit([](const auto& t) { return t.shape; }, tensor);
    const Range range = std::visit([](const auto& t) { return range_of(t); }, tensor);
    if (request.json) {
      return to_text({{"kind", "npy"},
                      {"file", request.path},
                      {"type", io::type_name(tensor)},
                      {"shape", shape},
                      {"min", range.least},
                      {"max", range.greatest},
                      {"zeros", range.zeros},
                      {"not_finite", range.not_finite},
                      {"elements", range.elements}});
    }
    std::string text = fmt::format("NPY {} {}, values {} to {}, {} of {} are zero\n", io::type_name(tensor),
                                   times(shape), range.least, range.greatest, range.zeros, range.elements);
    if (range.not_finite > 0) text += fmt::format("{} values are infinite or not a number\n", range.not_finite);
    return text;
  }
};

const InspectorRegistration registration("npy", "NPY tensor", [] { return std::make_unique<NpyInspector>(); });

}  // namespace
}  // namespace rebasis::cli
