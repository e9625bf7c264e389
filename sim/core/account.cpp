#include "sim/core/account.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace rebasis::sim {

const char* name(Cause cause) {
  static constexpr std::array names{"busy", "weights",   "inputs",     "index", "output",
                                    "dram", "imbalance", "fill_drain", "idle"};
  static_assert(names.size() == static_cast<std::size_t>(Cause::count));
  return names[static_cast<std::size_t>(cause)];
}

std::int64_t Account::total() const { return std::accumulate(cycles.begin(), cycles.end(), std::int64_t{0}); }

Account& Account::operator+=(const Account& other) {
  std::transform(cycles.begin(), cycles.end(), other.cycles.begin(), cycles.begin(), std::plus<>());
  return *this;
}

}  // namespace rebasis::sim
