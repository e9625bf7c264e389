#include "sim/core/memo.h"

#include <sstream>

namespace rebasis::sim {

namespace {

/// Calls `visit` with a reference to every number of the counters, in a fixed order.
template <class AnyCounters, class Visit>
void for_each_number(AnyCounters& counters, Visit&& visit) {
  visit(counters.cycles);
  visit(counters.effective_macs);
  visit(counters.working);
  for (auto* bytes : {&counters.dram.weights, &counters.dram.basis, &counters.dram.index, &counters.dram.inputs,
                      &counters.dram.outputs})
    visit(*bytes);
  for (auto& action : counters.actions) visit(action);
  for (auto& block : counters.blocks) {
    for (auto& cycles : block.cycles) visit(cycles);
  }
}

}  // namespace

std::string to_text(const Counters& counters) {
  std::string text = std::to_string(counters.actions.size()) + " " + std::to_string(counters.blocks.size());
  for_each_number(counters, [&](auto number) { text += " " + std::to_string(number); });
  return text;
}

std::optional<Counters> counters_from_text(const std::string& text, const CounterNames& names) {
  std::istringstream stream(text);
  std::size_t actions = 0, blocks = 0;
  stream >> actions >> blocks;
  if (!stream || actions != names.actions.size() || blocks != names.blocks.size()) return std::nullopt;
  Counters counters(names);
  for_each_number(counters, [&](auto& number) { stream >> number; });
  if (!stream) return std::nullopt;
  return counters;
}

}  // namespace rebasis::sim
