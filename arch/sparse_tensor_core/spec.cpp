#include "arch/sparse_tensor_core/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

bool power_of_two(std::int64_t value) { return std::has_single_bit(static_cast<std::uint64_t>(value)); }

void declare_selection(ParameterSet<SparseTensorCoreSpec>& p) {
  using S = SparseTensorCoreSpec;
  p.integer("select.smallest_group", &S::smallest_group, 4, 2, 256, "",
            "Consecutive channels of the smallest group that weights may be kept of; a power of two.",
            "sparse tensor cores: 4");
  p.integer("select.largest_group", &S::largest_group, 16, 2, 256, "",
            "Channels of the largest group: inputs of the multiplexer in front of each multiplier; a power of two. "
            "Groups of all powers of two between the smallest and the largest are supported.",
            "Yang, Table 12: groups of 4, 8 and 16; sparse tensor cores: 4");
  p.integer("select.least_kept", &S::least_kept, 1, 1, 64, "",
            "Fewest weights that are kept of a group; a power of two. Groups with fewer are filled up with zeros.",
            "Yang, Table 12: 1 of 4, 8 and 16; sparse tensor cores: 2");
  p.integer("select.most_kept", &S::most_kept, 2, 1, 64, "",
            "Most weights that are kept of a group; a power of two. Layers with a fuller group run dense.",
            "sparse tensor cores: 2");
  p.integer("select.stages", &S::select_stages, 1, 1, 8, "", "Pipeline stages of the operand selectors.",
            "decision: a register between the buffers' wires and the multipliers");
  p.integer("nbin.neurons", &S::nbin_neurons, 128, 1, 65536, "",
            "Neurons that NBin delivers in a cycle. A cycle takes no more groups of channels than that: a pattern that "
            "keeps 1 of 16 with room for 4 x nfu.ti neurons is 4 times as fast as dense.",
            "decision: four times the Ti of a dense array (sparse tensor cores: twice)");
  p.boolean("nfu.fold_kernel", &S::fold_kernel, true,
            "Groups of several kernel positions share a cycle, as in a matrix product over R x S x C; false: a cycle "
            "takes one kernel position.",
            "decision: tensor cores run convolutions as such matrix products");
}

void declare_index_buffer(ParameterSet<SparseTensorCoreSpec>& p) {
  using S = SparseTensorCoreSpec;
  p.bytes("index_buffer.size", &S::index_bytes, 64 * kib, 64, 1024 * mib,
          "Buffer of the positions of kept weights, both halves.",
          "decision: as many weights as SB holds when 2 of 4 are kept");
  p.integer("index_buffer.banks", &S::index_banks, 64, 2, 4096, "", "Its SRAM banks.",
            "decision: a half delivers the positions of a row of SB");
  p.integer("index_buffer.port", &S::index_port_bits, 128, 8, 4096, "bits", "Port of a bank.", "decision: as sb.port");
}

void require_patterns(ParameterSet<SparseTensorCoreSpec>& p) {
  using S = SparseTensorCoreSpec;
  p.require({"select.smallest_group", "select.largest_group", "select.least_kept", "select.most_kept"},
            "group sizes and kept counts must be powers of two; 2 of 4, 1 of 16 ...", [](const S& s) {
              return power_of_two(s.smallest_group) && power_of_two(s.largest_group) && power_of_two(s.least_kept) &&
                     power_of_two(s.most_kept);
            });
  p.require({"select.smallest_group", "select.largest_group"},
            "select.smallest_group is larger than select.largest_group; at most as large",
            [](const S& s) { return s.smallest_group <= s.largest_group; });
  p.require({"select.least_kept", "select.most_kept"},
            "select.least_kept is more than select.most_kept; at most as many",
            [](const S& s) { return s.least_kept <= s.most_kept; });
  p.require({"select.least_kept", "select.largest_group"},
            "select.least_kept keeps all of the largest group; it must be less than select.largest_group",
            [](const S& s) { return s.least_kept < s.largest_group; });
  p.require({"nfu.ti", "select.most_kept"},
            "nfu.ti must be a multiple of select.most_kept: a row of multipliers takes whole groups",
            [](const S& s) { return s.Ti % s.most_kept == 0; });
}

void require_ports(ParameterSet<SparseTensorCoreSpec>& p) {
  using S = SparseTensorCoreSpec;
  p.require({"nbin.neurons", "nfu.ti", "select.largest_group"},
            "nbin.neurons must be at least nfu.ti (dense layers) and select.largest_group (a group is read at once)",
            [](const S& s) { return s.nbin_neurons >= s.Ti && s.nbin_neurons >= s.largest_group; });
  p.require({"nbin.banks", "nbin.port", "nbin.neurons"},
            "a half of NBin does not deliver nbin.neurons a cycle; nbin.banks / 2 x nbin.port must be at least "
            "nbin.neurons x nfu.precision",
            [](const S& s) { return s.nbin_banks / 2 * s.nbin_port_bits >= s.nbin_neurons * s.precision_bits; });
  p.require({"index_buffer.size", "index_buffer.banks"}, "index_buffer.banks must divide index_buffer.size",
            [](const S& s) { return s.index_bytes % s.index_banks == 0; });
  p.require({"index_buffer.banks", "index_buffer.port", "nfu.tn", "nfu.ti", "select.largest_group"},
            "a half of the index buffer does not deliver the positions of Tn x Ti weights a cycle; index_buffer.banks "
            "/ 2 x index_buffer.port must be at least nfu.tn x nfu.ti x log2(select.largest_group)",
            [](const S& s) { return s.index_banks / 2 * s.index_port_bits >= s.index_row_bits(); });
}

ParameterSet<SparseTensorCoreSpec> declare() {
  ParameterSet<SparseTensorCoreSpec> p;
  p.inherit(diannao_parameters());
  declare_selection(p);
  declare_index_buffer(p);
  // Which pattern a layer runs with is part of its mapping.
  p.mapping_only({"select.smallest_group", "select.least_kept", "select.most_kept", "index_buffer.size",
                  "index_buffer.banks", "index_buffer.port"});
  require_patterns(p);
  require_ports(p);
  return p;
}

}  // namespace

const ParameterSet<SparseTensorCoreSpec>& sparse_tensor_core_parameters() {
  static const ParameterSet<SparseTensorCoreSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
