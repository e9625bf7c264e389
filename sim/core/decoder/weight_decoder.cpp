#include "sim/core/decoder/weight_decoder.h"

#include <algorithm>
#include <limits>

#include "common/error.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim {

namespace {

constexpr std::int32_t not_decoded = std::numeric_limits<std::int32_t>::min();

}  // namespace

WeightDecoder::WeightDecoder(const StepPlan& steps, const StepPorts& ports)
    : steps_(steps),
      plan_(*steps.decoding),
      ports_(ports),
      streams_(static_cast<std::size_t>(plan_.spec.streams)),
      done_(steps.steps.size()),
      chunks_left_(steps.steps.size()),
      decoded_(plan_.source.weights.begin(), plan_.source.weights.end()) {
  list_work();
}

WeightDecoder::~WeightDecoder() = default;

void WeightDecoder::list_work() {
  std::size_t next = 0;
  for (std::size_t step = 0; step < steps_.steps.size(); ++step) {
    const auto& loads = steps_.steps[step].loads;
    for (std::size_t load = 0; load < loads.size(); ++load) {
      if (!loads[load].coded) continue;
      const CodedTile& coded = plan_.tiles[*loads[load].coded];
      for (std::size_t chunk = 0; chunk < coded.chunks.size(); ++chunk, ++next)
        streams_[next % streams_.size()].todo.push_back({step, load, chunk});
      chunks_left_[step] = coded.chunks.size();
      if (!coded.chunks.empty()) done_[step] = Dma::never;
      counts_.actions[DecoderAction::table_write] += table_bytes(loads[load]);
      for (const std::int32_t place : tile(*loads[load].coded).order) {
        if (place != WeightSource::not_a_weight) decoded_[static_cast<std::size_t>(place)] = not_decoded;
      }
    }
  }
}

const Load& WeightDecoder::load_of(const Work& work) const { return steps_.steps[work.step].loads[work.load]; }

const WeightDecoder::Tile& WeightDecoder::tile(std::size_t number) {
  const auto [entry, fresh] = tiles_.try_emplace(number);
  if (fresh) {
    plan_.source.order(plan_.tiles[number].tile, plan_.tiles[number].step, entry->second.order);
    gather(plan_.source.weights, entry->second.order, entry->second.weights);
  }
  return entry->second;
}

std::pair<std::size_t, std::size_t> WeightDecoder::range(std::size_t tile, std::size_t chunk) const {
  const auto size = static_cast<std::size_t>(plan_.spec.chunk);
  return {chunk * size, std::min((chunk + 1) * size, tiles_.at(tile).weights.size())};
}

void WeightDecoder::start(Stream& stream) {
  const Work& work = stream.todo.front();
  const std::size_t number = *load_of(work).coded;
  const auto [first, last] = range(number, work.chunk);
  const std::span weights = std::span<const std::int8_t>(tile(number).weights).subspan(first, last - first);
  std::vector<std::uint8_t> bytes = encode_chunk(weights, plan_.code, plan_.spec);
  const CodedTile& coded = plan_.tiles[number];
  const std::uint64_t begin = work.chunk == 0 ? 0 : coded.chunks[work.chunk - 1].end;
  if (begin + bytes.size() != coded.chunks[work.chunk].end)
    fail_internal("a chunk takes " + std::to_string(bytes.size()) + " bytes, not those that were planned");
  counts_.actions[DecoderAction::staged_write] += bytes.size();
  counts_.actions[DecoderAction::staged_read] += bytes.size();
  stream.decoder = make_chunk_decoder(plan_, std::move(bytes), weights.size());
}

void WeightDecoder::finish(Stream& stream, Cycle now) {
  const Work work = stream.todo.front();
  const std::size_t number = *load_of(work).coded;
  const auto [first, last] = range(number, work.chunk);
  const std::vector<std::int8_t>& weights = stream.decoder->weights();
  if (weights.size() != last - first) fail_internal("a chunk decodes to the wrong number of weights");
  for (std::size_t i = first; i < last; ++i) {
    const std::int32_t place = tiles_.at(number).order[i];
    if (place != WeightSource::not_a_weight)
      decoded_[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(weights[i - first]);
    else if (weights[i - first] != 0)
      fail_internal("a place without a weight decodes to one");
  }
  stream.decoder.reset();
  stream.todo.pop_front();
  if (--chunks_left_[work.step] == 0) done_[work.step] = now + 1;
}

void WeightDecoder::evaluate(Cycle now) {
  for (Stream& stream : streams_) {
    if (stream.todo.empty()) continue;
    if (!stream.decoder) {
      const Work& work = stream.todo.front();
      const Load& load = load_of(work);
      const std::uint64_t end = plan_.tiles[*load.coded].chunks[work.chunk].end;
      if (ports_.load_issued(work.step, work.load) > now) {
        ++counts_.account[Cause::output];
        continue;
      }
      if (ports_.arrival(work.step, work.load, table_bytes(load) + end) > now) {
        ++counts_.account[Cause::dram];
        continue;
      }
      start(stream);
    }
    ++counts_.account[Cause::busy];
    ++cycles_;
    if (stream.decoder->cycle(counts_.actions)) finish(stream, now);
  }
}

std::vector<std::int32_t> WeightDecoder::decoded_weights() const {
  if (std::find(decoded_.begin(), decoded_.end(), not_decoded) != decoded_.end())
    fail_internal("a weight was never decoded");
  return decoded_;
}

}  // namespace rebasis::sim
