// Input global buffer and index selector, cycle by cycle: a lane for each PE line finds the pairs of non-zero
// coefficient row and activation row, reads the row segment once and sends it to every slice that needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/smartdeal/clocked/pe_slice.h"

namespace rebasis::sim::smartdeal {

class InputPath {
 public:
  InputPath(const Context& context, std::vector<PeSlice>& slices);

  /// `started`: cycle from which each started block may be read, in order; as seen at the start of the cycle.
  void evaluate(Cycle now, const BlockTimes& blocks, Counters& counters);
  void commit();
  /// Tiles that every selector has passed.
  [[nodiscard]] std::size_t passed() const { return passed_visible_; }
  [[nodiscard]] std::int64_t busy_lanes() const;

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  struct Lane {
    std::size_t step = 0;
    bool listed = false;
    std::vector<Candidate> candidates;  ///< pairs of the tile
    std::size_t position = 0;
    std::optional<Candidate> selection;  ///< register between selector and port
    Cycle selected_at = 0;
    Cycle port_free_at = 0, basis_ready_at = 0;  ///< of the selection, once `waiting_for` has got so far
    enum class Waiting { port, basis, room } waiting_for = Waiting::port;
    bool requested = false;  ///< the lines were told of the selection's basis region
    Cycle port_busy_until = 0;
    std::int64_t last_row = -1, last_slice = -1;  ///< last weight row sent in this tile
    std::vector<std::int64_t> sent;               ///< items by [line][slice]
  };

  void grant(Cycle now, std::int64_t index, const BlockTimes& blocks, Counters& counters);
  void scan(Cycle now, std::int64_t index, const BlockTimes& blocks, Counters& counters);
  [[nodiscard]] bool wanted(std::size_t step, const Candidate& candidate) const;
  [[nodiscard]] bool zero_activations(const Tile& tile, const Candidate& candidate) const;
  [[nodiscard]] int activation(const Tile& tile, const Candidate& candidate, std::int64_t entry) const;
  bool basis_ready(Lane& lane, std::size_t step, const Candidate& candidate);
  [[nodiscard]] bool room(const Lane& lane, std::size_t step, const Candidate& candidate) const;
  /// Cycles that the segment takes of the lane's port: its beats, each as many as the bank with most of its words.
  std::int64_t read_segment(const Tile& tile, const Candidate& candidate, Counters& counters) const;
  /// Tiles that every slice has handed over.
  [[nodiscard]] std::size_t handed_over() const;
  void list_pairs(Lane& lane, std::int64_t index);
  void send(Cycle now, Lane& lane, const BlockTimes& blocks, Counters& counters);

  const Context& context_;
  std::vector<PeSlice>& slices_;
  std::vector<Lane> lanes_;
  std::vector<char> zero_row_;        ///< [C][H]
  std::vector<std::int64_t> region_;  ///< last region entered, by [line][slice]
  std::vector<std::int64_t> region_epoch_;
  std::size_t passed_visible_ = 0;
  Cycle now_ = 0;
};

}  // namespace rebasis::sim::smartdeal
