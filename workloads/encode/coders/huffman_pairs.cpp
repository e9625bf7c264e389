// `huffman-pairs`: the pairs of run-length, with a Huffman code for the runs and another for the values (Han et al.,
// Deep Compression, ICLR 2016, sections 2 and 4). The longest run is what costs least, tables included.
#include "workloads/encode/coders/integer_code.h"
#include "workloads/encode/zero_run.h"

namespace rebasis::encode {
namespace {

constexpr unsigned max_run_bits = 12;
constexpr int width_bits = 4;  ///< of the field that holds the width of the longest run

/// Adds `count` occurrences of `value` to a histogram that may have to grow for it.
void add(Histogram& histogram, std::int32_t value, std::uint64_t count) {
  if (count == 0) return;
  if (histogram.counts.empty()) histogram = {value, {0}};
  const std::int32_t end = histogram.low + static_cast<std::int32_t>(histogram.counts.size());
  if (value < histogram.low) {
    histogram.counts.insert(histogram.counts.begin(), static_cast<std::size_t>(histogram.low - value), 0);
    histogram.low = value;
  } else if (value >= end) {
    histogram.counts.resize(static_cast<std::size_t>(value - histogram.low) + 1);
  }
  histogram.counts[static_cast<std::size_t>(value - histogram.low)] += count;
}

std::uint64_t cost(const Histogram& histogram, int bits) {
  const IntegerCode code(histogram);
  return code.table_bits(bits) + code.coded_bits(histogram);
}

/// Widths of a run and of a value in the tables.
int run_width(unsigned run_bits) { return static_cast<int>(run_bits) + 1; }

/// Bits of both tables and all codewords when runs are at most 2^run_bits - 1.
std::uint64_t pair_bits(const std::map<std::uint32_t, std::uint64_t>& gaps, const Histogram& nonzeros, int value_bits,
                        unsigned run_bits) {
  const ZeroRunFormat format{.run_bits = run_bits};
  Histogram runs, values = nonzeros;
  std::uint64_t fillers = 0;
  for (const auto& [gap, count] : gaps) {
    fillers += placeholders(gap, format) * count;
    add(runs, static_cast<std::int32_t>(gap % (format.longest_run() + 1)), count);
  }
  add(runs, static_cast<std::int32_t>(format.longest_run()), fillers);
  add(values, 0, fillers);
  return cost(runs, run_width(run_bits)) + cost(values, value_bits);
}

unsigned cheapest_run_bits(const WeightMatrix& matrix) {
  std::map<std::uint32_t, std::uint64_t> gaps;
  for (const std::uint32_t gap : zero_gaps(matrix.values)) ++gaps[gap];
  std::vector<std::int32_t> nonzeros;
  for (const std::int32_t value : matrix.values) {
    if (value != 0) nonzeros.push_back(value);
  }
  if (nonzeros.empty()) return 0;
  const Histogram values = histogram(nonzeros);
  unsigned best = 0;
  std::uint64_t least = UINT64_MAX;
  for (unsigned run_bits = 0; run_bits <= max_run_bits; ++run_bits) {
    const std::uint64_t bits = pair_bits(gaps, values, matrix.bits, run_bits);
    if (bits < least) {
      least = bits;
      best = run_bits;
    }
    if ((std::uint64_t{1} << run_bits) > gaps.rbegin()->first) break;  // no fillers: longer runs do not occur
  }
  return best;
}

class HuffmanPairs : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    if (matrix.values.empty()) return out.take();
    const ZeroRunFormat format{.run_bits = cheapest_run_bits(matrix)};
    const ZeroRunBlock block = encode_zero_runs(matrix.values, format);
    out.begin("tables");
    out.write(format.run_bits, width_bits);
    out.write(static_cast<std::int64_t>(block.values.size()), static_cast<int>(header_bits(matrix.values.size())));
    if (block.values.empty()) return out.take();
    const std::vector<std::int32_t> runs(block.runs.begin(), block.runs.end());
    const IntegerCode run_code(histogram(runs)), value_code(histogram(block.values));
    run_code.write_table(out, run_width(format.run_bits));
    value_code.write_table(out, matrix.bits);
    out.begin("index");
    run_code.write(out, runs);
    out.begin("values");
    value_code.write(out, block.values);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "huffman-pairs");
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count > 0) {
      const ZeroRunFormat format{.run_bits = in.read(width_bits)};
      if (format.run_bits > max_run_bits) in.refuse("runs of " + std::to_string(format.run_bits) + " bits");
      const ZeroRunBlock block = read_block(in, count, shape, format);
      matrix.values = decode_zero_runs(block, count, format);
    }
    in.finish();
    return matrix;
  }

 private:
  static ZeroRunBlock read_block(PartReader& in, std::size_t count, const MatrixShape& shape,
                                 const ZeroRunFormat& format) {
    const std::size_t stored = in.read(static_cast<int>(header_bits(count)));
    if (stored > count) in.refuse(std::to_string(stored) + " pairs for " + std::to_string(count) + " values");
    ZeroRunBlock block;
    if (stored == 0) return block;
    const IntegerCode run_code(in, run_width(format.run_bits)), value_code(in, shape.bits);
    if (run_code.low() < 0) in.refuse("a run of " + std::to_string(run_code.low()) + " zeros");
    in.expect(stored * static_cast<std::uint64_t>(run_code.shortest() + value_code.shortest()));
    std::vector<std::int32_t> runs(stored);
    run_code.read(in, runs);
    block.runs.assign(runs.begin(), runs.end());
    block.values.resize(stored);
    value_code.read(in, block.values);
    return block;
  }
};

const CoderRegistration registration("huffman-pairs", "Huffman codes of runs and of values (Deep Compression)",
                                     [] { return std::make_unique<HuffmanPairs>(); });

}  // namespace
}  // namespace rebasis::encode
