#include "sim/cambricon_x/clocked/program.h"

#include "workloads/encode/step_index.h"

namespace rebasis::sim::cambricon_x {

namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Cuts a stretch of candidates into lines.
void cut(const std::vector<Candidate>& stretch, std::int64_t scan, std::vector<std::vector<Candidate>>& lines) {
  for (std::size_t i = 0; i < stretch.size(); ++i) {
    if (i % index(scan) == 0) lines.emplace_back();
    lines.back().push_back(stretch[i]);
  }
}

/// The windows of a pass's groups, cut where indexing.gather says.
void add_lines(const SparseLayer& layer, const ConvTile& tile, const Pass& pass,
               std::vector<std::vector<Candidate>>& lines) {
  const LayerShape& shape = layer.shape();
  const std::string& gather = layer.spec().gather;
  std::vector<std::vector<Candidate>> stretches;
  const auto add = [&](std::int64_t g, std::int64_t r, std::int64_t s, std::size_t stretch) {
    if (stretches.size() <= stretch) stretches.resize(stretch + 1);
    for (std::int64_t c = tile.channels.first; c < tile.channels.last; ++c)
      stretches[stretch].push_back({g, g * shape.channels_per_group() + c, r, s});
  };
  for (std::int64_t g = pass.groups.first; g < pass.groups.last; ++g) {
    for (std::int64_t r = 0; r < shape.R; ++r) {
      for (std::int64_t s = 0; s < shape.S; ++s)
        add(g, r, s, gather == "window" ? 0 : gather == "row" ? index(r) : index(r * shape.S + s));
    }
  }
  for (const auto& stretch : stretches) cut(stretch, layer.spec().scan, lines);
}

LaneFilter filter_of(const SparseLayer& layer, const ConvTile& tile, std::int64_t number) {
  LaneFilter filter;
  filter.number = number;
  std::vector<std::int8_t> weights;
  for (std::int64_t r = 0; r < layer.shape().R; ++r) {
    for (std::int64_t s = 0; s < layer.shape().S; ++s) {
      for (std::int64_t c = tile.channels.first; c < tile.channels.last; ++c)
        weights.push_back(layer.dense().weight(number, c, r, s));
    }
  }
  const encode::StepIndexed encoded = encode::encode_steps(weights, static_cast<int>(layer.spec().step_bits));
  filter.steps = encode::unpack_steps(encoded);
  filter.synapses = encoded.values;
  filter.index_bits = static_cast<std::int64_t>(encoded.index_bits());
  // The count is as wide as the number of candidates.
  for (std::size_t n = weights.size(); n != 0; n /= 2) ++filter.index_bits;
  return filter;
}

/// Marks the lines that the filter's lane examines: those of its group up to its last synapse, at least one.
void mark_needed(const LaneFilter& filter, std::vector<bool>& needed) {
  std::size_t last = 0;
  for (const std::uint32_t step : filter.steps) last += step;
  if (last != 0) --last;
  for (std::size_t i = 0; i <= last; ++i) needed[index(filter.candidates[i].line)] = true;
}

/// Leaves out the lines that no lane needs.
void drop_unneeded(Program& program) {
  std::vector<bool> needed(program.lines.size());
  for (const auto& lane : program.lanes) {
    for (const LaneFilter& filter : lane) mark_needed(filter, needed);
  }
  std::vector<std::int64_t> number(needed.size(), -1);
  std::vector<std::vector<Candidate>> lines;
  for (std::size_t line = 0; line < needed.size(); ++line) {
    if (!needed[line]) continue;
    number[line] = static_cast<std::int64_t>(lines.size());
    lines.push_back(std::move(program.lines[line]));
  }
  program.lines = std::move(lines);
  for (auto& lane : program.lanes) {
    for (LaneFilter& filter : lane) {
      for (Place& place : filter.candidates) place.line = number[index(place.line)];
    }
  }
}

}  // namespace

Program program_of(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes) {
  Program program;
  program.lanes.resize(index(layer.spec().pes));
  for (const Pass& pass : passes) {
    const std::size_t first = program.lines.size();
    add_lines(layer, tile, pass, program.lines);
    std::vector<std::vector<Place>> places(index(pass.groups.size()));
    for (std::size_t line = first; line < program.lines.size(); ++line) {
      for (std::size_t offset = 0; offset < program.lines[line].size(); ++offset) {
        places[index(program.lines[line][offset].group - pass.groups.first)].push_back(
            {static_cast<std::int64_t>(line), static_cast<std::int64_t>(offset)});
      }
    }
    for (std::size_t pe = 0; pe < pass.filter.size(); ++pe) {
      const std::int64_t number = pass.filter[pe];
      if (number < 0) continue;
      LaneFilter filter = filter_of(layer, tile, number);
      filter.candidates = places[index(number / layer.shape().filters_per_group() - pass.groups.first)];
      program.lanes[pe].push_back(std::move(filter));
    }
  }
  drop_unneeded(program);
  return program;
}

}  // namespace rebasis::sim::cambricon_x
