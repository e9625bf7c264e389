// The weight decoder, cycle by cycle: streams that take the chunks of the coded loads in turn and write their weights.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "sim/core/decoder/chunk_decoder.h"

namespace rebasis::sim {

class StepPorts;

class WeightDecoder {
 public:
  /// Both outlive it. `ports` says when loads were issued and what has arrived.
  WeightDecoder(const StepPlan& steps, const StepPorts& ports);
  ~WeightDecoder();
  WeightDecoder(const WeightDecoder&) = delete;
  WeightDecoder& operator=(const WeightDecoder&) = delete;

  /// One cycle of all streams.
  void evaluate(Cycle now);
  /// When the weights of the step's load were written; 0 when it has no coded load, Dma::never while they are not.
  [[nodiscard]] Cycle done(std::size_t step) const { return done_[step]; }
  [[nodiscard]] std::uint64_t progress() const { return cycles_; }
  [[nodiscard]] const DecoderCounts& counts() const { return counts_; }
  /// Every weight of the layer: those that were coded as they were decoded, [M][C/groups][R][S]. Fails (internal) when
  /// one was never decoded.
  [[nodiscard]] std::vector<std::int32_t> decoded_weights() const;

 private:
  struct Work {
    std::size_t step = 0, load = 0, chunk = 0;
  };
  struct Stream {
    std::deque<Work> todo;
    std::unique_ptr<ChunkDecoder> decoder;  ///< of the first, while in work
  };
  struct Tile {
    std::vector<std::int32_t> order;
    std::vector<std::int8_t> weights;
  };
  void list_work();
  [[nodiscard]] const Load& load_of(const Work& work) const;
  [[nodiscard]] const Tile& tile(std::size_t number);
  [[nodiscard]] std::pair<std::size_t, std::size_t> range(std::size_t tile, std::size_t chunk) const;
  void start(Stream& stream);
  void finish(Stream& stream, Cycle now);

  const StepPlan& steps_;
  const DecodePlan& plan_;
  const StepPorts& ports_;
  std::vector<Stream> streams_;
  std::vector<Cycle> done_;               ///< by step
  std::vector<std::size_t> chunks_left_;  ///< by step
  std::map<std::size_t, Tile> tiles_;
  std::vector<std::int32_t> decoded_;
  std::uint64_t cycles_ = 0;
  DecoderCounts counts_;
};

}  // namespace rebasis::sim
