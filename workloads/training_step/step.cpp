#include "workloads/training_step/step.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::training {

const char* name(Pass pass) {
  switch (pass) {
    case Pass::forward:
      return "forward";
    case Pass::backward_data:
      return "backward-data";
    case Pass::backward_weight:
      return "backward-weight";
    default:
      return "update";
  }
}

namespace {

/// Whether `text` is `pattern`, whose `*` stand for any characters. Linear in both but for the last `*`.
bool matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, star = std::string::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::size_t first = list.find_first_not_of(' ', at), last = list.find_last_not_of(' ', end - (end > at));
    if (end > at && first < end) words.push_back(list.substr(first, last - first + 1));
    at = end + 1;
  }
  return words;
}

/// For each layer, whether the list names it.
std::vector<bool> named(const std::vector<trace::LayerInfo>& layers, const std::string& list, const std::string& key) {
  std::vector<bool> chosen(layers.size());
  for (const std::string& word : words_of(list)) {
    bool any = false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!matches(word, layers[i].name)) continue;
      chosen[i] = any = true;
    }
    if (!any)
      fail_input("training." + key + ": no layer '" + word + "'; names of layers are divided by commas, * is any text");
  }
  return chosen;
}

void choose_parameters(const std::vector<trace::LayerInfo>& layers, const StepOptions& options,
                       std::vector<LayerWork>& work) {
  const std::vector<bool> frozen = named(layers, options.frozen, "frozen"),
                          trainable = named(layers, options.trainable, "trainable"),
                          detached = named(layers, options.detached, "detached");
  const bool listed = !words_of(options.trainable).empty();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool last = i + 1 == layers.size();
    const bool all = options.method == "dense" || options.method == "sd-t";
    const bool none = frozen[i] || detached[i] || options.method == "forward";
    work[i].learns_weights = !none && (listed ? trainable[i] : all || last);
    work[i].learns_bias = !none && (listed ? trainable[i] : all || last || options.method == "bias-only");
  }
  bool learns_before = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    work[i].backward_data = learns_before && !detached[i];
    learns_before = learns_before || work[i].learns();
  }
}

/// Cuts the layers into segments of about equal numbers of layers and marks what is not kept.
void cut_segments(std::int64_t segments, std::vector<LayerWork>& work) {
  const auto count = std::min(static_cast<std::size_t>(segments), work.size());
  std::size_t first_backward = 0;
  while (first_backward < work.size() && !work[first_backward].backward()) ++first_backward;
  for (std::size_t i = 0; i < work.size(); ++i) work[i].segment = i * count / work.size();
  for (std::size_t i = 0; i + 1 < work.size(); ++i) {
    // The last segment is still there when the backward passes begin; a segment's last output is the next one's input.
    const bool inside = work[i + 1].segment == work[i].segment && work[i].segment + 1 < count;
    work[i].recomputed = inside && i >= first_backward;
  }
}

}  // namespace

std::vector<LayerWork> work_of(const std::vector<trace::LayerInfo>& layers, const StepOptions& options) {
  std::vector<LayerWork> work(layers.size());
  if (layers.empty()) return work;
  choose_parameters(layers, options, work);
  cut_segments(options.recompute, work);
  for (LayerWork& one : work) one.keeps_input = one.learns_weights;
  return work;
}

std::vector<PassOfLayer> passes_of(const std::vector<LayerWork>& work) {
  std::vector<PassOfLayer> passes;
  for (std::size_t i = 0; i < work.size(); ++i) passes.push_back({Pass::forward, i, false});
  for (std::size_t i = work.size(); i-- > 0;) {
    const bool ends_segment = i + 1 == work.size() || work[i + 1].segment != work[i].segment;
    for (std::size_t j = 0; ends_segment && j <= i; ++j) {
      if (work[j].segment == work[i].segment && work[j].recomputed) passes.push_back({Pass::forward, j, true});
    }
    if (work[i].learns()) passes.push_back({Pass::backward_weight, i, false});
    if (work[i].backward_data) passes.push_back({Pass::backward_data, i, false});
    // After the gradient of the input, which is that of the weights before the step.
    if (work[i].learns()) passes.push_back({Pass::update, i, false});
  }
  return passes;
}

}  // namespace rebasis::training
