// Decomposition of a whole layer, filters in parallel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "workloads/compress/smartdeal/evolution.h"
#include "workloads/compress/smartdeal/options.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/layer_shape.h"

namespace rebasis::compress::smartdeal {

struct Decomposition {
  encode::SmartDealForm form;
  double relative_error = 0;   ///< ||W - Ce B||_F / ||W||_F; 0 when W is 0
  double mean_iterations = 0;  ///< over the filters
  std::optional<Evolution> evolution;
};

/// Decomposes `weights` [M][C/groups][R][S] as `options` say, in parallel over the filters in the calling thread's
/// oneTBB arena; the result does not depend on the number of threads. NaN or infinite weights throw Error(bad_input).
/// `filter_done`, when given, is called after each filter, from any thread.
[[nodiscard]] Decomposition decompose(const std::string& layer, const LayerShape& shape, std::span<const float> weights,
                                      const Options& options, bool with_evolution = false,
                                      const std::function<void()>& filter_done = {});

/// P for a layer: the options' own, or the max_exponents consecutive powers that lose the least energy of the initial
/// Ce (ties: the lower powers). Without a limit, the 23 powers up to 2^5 (the authors' upper clip) or, normalised, up
/// to 2^0.
[[nodiscard]] std::vector<int> choose_exponents(std::span<const float> weights, std::int64_t filters,
                                                const trace::SmartDealInfo& info, const Options& options);

/// Drops the powers that no coefficient uses, so that the trace's P is what the layer needs. Keeps at least one.
void trim_exponents(encode::SmartDealForm& form);

}  // namespace rebasis::compress::smartdeal
