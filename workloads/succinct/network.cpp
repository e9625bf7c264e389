#include "workloads/succinct/network.h"

#include <algorithm>
#include <limits>

#include "common/error.h"

namespace rebasis::succinct {
namespace {

/// Levels of each symbol's leaf, by symbol.
std::vector<std::uint8_t> levels(const WaveletTree& tree) {
  std::vector<std::uint8_t> result;
  const auto symbols = tree.symbols();
  std::size_t s = 0;
  for (std::size_t depth = 0; depth < tree.symbols_of_length().size(); ++depth) {
    for (std::uint32_t i = 0; i < tree.symbols_of_length()[depth]; ++i, ++s) {
      if (symbols[s] >= result.size()) result.resize(std::size_t{symbols[s]} + 1);
      result[symbols[s]] = static_cast<std::uint8_t>(depth);
    }
  }
  return result;
}

/// Bits of each layer in the tree of a string whose layers end with a border.
void add_bits(std::span<const Symbol> string, const WaveletTree& tree, std::vector<std::uint64_t>& bits) {
  const std::vector<std::uint8_t> depth = levels(tree);
  std::size_t layer = 0;
  for (const Symbol symbol : string) {
    bits[layer] += depth[symbol];
    if (symbol == border) ++layer;
  }
}

}  // namespace

SuccinctNetwork::SuccinctNetwork(std::span<const encode::WeightMatrix> layers, std::span<const RasType> types)
    : wavelet_bits_(layers.size()) {
  if (layers.size() != types.size()) fail_internal("a RAS type a layer is needed");
  Strings strings;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    append_union(layers[i], types[i], strings);
    extents_.push_back({layers[i].rows, layers[i].columns});
  }
  main_ = WaveletTree(strings.main);
  values_ = WaveletTree(strings.values);
  add_bits(strings.main, main_, wavelet_bits_);
  add_bits(strings.values, values_, wavelet_bits_);
}

Union SuccinctNetwork::locate(std::size_t layer) const {
  if (layer >= extents_.size()) fail_internal("there is no layer of that number");
  Union found;
  found.rows = extents_[layer].rows;
  found.columns = extents_[layer].columns;
  found.begin = layer == 0 ? 0 : main_.select(layer, border) + 1;
  found.end = main_.select(layer + 1, border);
  found.values_begin = layer == 0 ? 0 : values_.select(layer, border) + 1;
  found.values_end = values_.select(layer + 1, border);
  found.type = static_cast<RasType>(main_.access(found.begin) - first_flag);
  return found;
}

std::int32_t SuccinctNetwork::weight(std::size_t layer, std::int64_t row, std::int64_t column) const {
  const Union u = locate(layer);
  const auto columns = static_cast<std::uint64_t>(u.columns);
  const auto r = static_cast<std::uint64_t>(row), c = static_cast<std::uint64_t>(column);
  switch (u.type) {
    case RasType::element_dense:
      return unzigzag(main_.access(u.begin + 2 + r * columns + c) - first_operand);
    case RasType::block_dense:
      return unzigzag(main_.access(u.begin + 2 + r * (columns + 1) + c) - first_operand);
    default:
      break;
  }
  const bool block = u.type == RasType::block_sparse;
  const std::uint64_t delimiters = block ? main_.rank(u.begin, bracket) : 0;
  std::uint64_t at = block ? main_.select(delimiters + r + 1, bracket) + 1 : u.begin + 2;
  // Tuples before `at`: its symbols without the flag and the delimiters.
  std::uint64_t tuple = u.values_begin + at - u.begin - 2 - (block ? r : 0);
  const std::uint64_t target = block ? c + 1 : r * columns + c + 1;
  for (std::uint64_t position = 0; at < u.end; ++at, ++tuple) {
    const Symbol symbol = main_.access(at);
    if (symbol < first_operand) break;
    position += symbol - first_operand + 1;
    if (position == target) return unzigzag(values_.access(tuple) - first_value);
    if (position > target) break;
  }
  return 0;
}

TreeBytes SuccinctNetwork::bytes() const {
  TreeBytes bytes = main_.bytes();
  bytes += values_.bytes();
  return bytes;
}

void SymbolStream::refill() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), end_ - next_));
  // The last stretch is shorter and lies at the end of the buffer, so that done() needs no other length.
  at_ = buffer_.size() - count;
  tree_->read(next_, std::span(buffer_).subspan(at_), scratch_);
  next_ += count;
}

LayerReader::LayerReader(const SuccinctNetwork& network, std::size_t layer)
    : union_(network.locate(layer)),
      // Behind the flag; an element-wise union has one delimiter more there.
      main_(network.main(), union_.begin + (is_block(union_.type) ? 1 : 2), union_.end,
            is_block(union_.type) ? stretch : 0),
      values_(network.values(), union_.values_begin, union_.values_end, is_block(union_.type) ? stretch : 0) {
  if (is_block(union_.type)) {
    if (!main_.done()) main_.take();  // the first bracket
  } else if (is_sparse(union_.type)) {
    take_distance();
  }
}

void LayerReader::next(FilterOperands& operands) {
  operands.start(union_.columns);
  if (!is_sparse(union_.type)) {
    next_dense(operands);
  } else if (is_block(union_.type)) {
    next_block(operands);
  } else {
    next_elements(operands);
  }
  ++row_;
}

void LayerReader::next_dense(FilterOperands& operands) {
  for (std::int64_t i = 0; i < union_.columns; ++i) {
    const Symbol symbol = main_.take();
    operands.add_unless_zero(static_cast<std::uint32_t>(i), unzigzag(symbol - first_operand));
  }
  if (is_block(union_.type) && !main_.done()) main_.take();  // the next bracket
}

void LayerReader::take_distance() {
  if (main_.done()) {
    position_ = std::numeric_limits<std::int64_t>::max();
  } else {
    position_ += std::int64_t{main_.take() - first_operand} + 1;
  }
}

void LayerReader::next_elements(FilterOperands& operands) {
  const std::int64_t first = row_ * union_.columns;
  while (position_ < first + union_.columns) {
    operands.add(static_cast<std::uint32_t>(position_ - first), unzigzag(values_.take() - first_value));
    take_distance();
  }
}

void LayerReader::next_block(FilterOperands& operands) {
  std::uint32_t position = 0;
  while (!main_.done()) {
    const Symbol symbol = main_.take();
    if (symbol == bracket) return;
    position += symbol - first_operand;
    operands.add(position, unzigzag(values_.take() - first_value));
    ++position;
  }
}

}  // namespace rebasis::succinct
