#include "arch/diannao/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_nfu(ParameterSet<DianNaoSpec>& p) {
  using S = DianNaoSpec;
  p.integer(
      "nfu.precision", &S::precision_bits, 8, 8, 16, "bits",
      "Stored width of activations and weights (8 or 16). 8-bit values of a trace are stored sign-extended in 16 bits.",
      "SmartDeal paper Table IX: 8 bits; DianNao has 16");
  p.integer("nfu.tn", &S::Tn, 32, 1, 1024, "", "Output neurons computed at once: rows of NFU-1, adder trees of NFU-2.",
            "SmartDeal paper Table IX: 1K multipliers; decision: square, as DianNao's 16 x 16");
  p.integer("nfu.ti", &S::Ti, 32, 1, 1024, "", "Inputs of each neuron at once: multipliers of a row of NFU-1.",
            "SmartDeal paper Table IX: 1K multipliers; decision: square, as DianNao's 16 x 16");
  p.integer("nfu1.stages", &S::nfu1_stages, 3, 1, 32, "", "Pipeline stages of NFU-1 (multipliers).",
            "DianNao: 8 stages in all");
  p.integer("nfu2.stages", &S::nfu2_stages, 2, 1, 32, "", "Pipeline stages of NFU-2 (adder trees and sum registers).",
            "DianNao: 8 stages in all");
  p.integer("nfu3.stages", &S::nfu3_stages, 3, 1, 32, "", "Pipeline stages of NFU-3 (requantisation, non-linearity).",
            "DianNao: 8 stages in all");
  p.integer("nfu2.sum", &S::sum_bits, 32, 16, 64, "bits",
            "Width of a partial sum, in NFU-2's registers, NBout and DRAM.",
            "decision: as wide as SmartDeal's (DianNao truncates to 16)");
  p.boolean("nfu.pack_groups", &S::pack_groups, true,
            "Groups of grouped and depthwise layers share the array, as blocks on the diagonal of a weight matrix "
            "whose other weights are "
            "zeros; false: one group at a time.",
            "decision: up to Tn times faster on the same hardware");
  p.boolean("nfu.skip_padding", &S::skip_padding, false,
            "Kernel positions outside the feature map take no cycle; false: zeros like any other.",
            "DianNao's code loops over all kernel positions");
}

void declare_buffers(ParameterSet<DianNaoSpec>& p) {
  using S = DianNaoSpec;
  p.bytes("nbin.size", &S::nbin_bytes, 448 * kib, 64, 1024 * mib, "Buffer of input neurons, both halves.",
          "decision: the split of Table IX's 772 KB (docs/accelerators/diannao.md)");
  p.integer("nbin.banks", &S::nbin_banks, 28, 2, 4096, "", "Its SRAM banks; half of them hold a tile.",
            "decision: 16 KB each, as SmartDeal's input GB");
  p.integer("nbin.port", &S::nbin_port_bits, 256, 8, 4096, "bits",
            "Port of a bank. A row lies across as many banks as it takes.",
            "decision: a row of Ti neurons in one bank");
  p.bytes("nbout.size", &S::nbout_bytes, 68 * kib, 64, 1024 * mib,
          "Buffer of output neurons and partial sums, both halves.",
          "decision: the split of Table IX's 772 KB (docs/accelerators/diannao.md)");
  p.integer("nbout.banks", &S::nbout_banks, 34, 2, 4096, "", "Its SRAM banks.",
            "decision: 2 KB each, as SmartDeal's output GB");
  p.integer("nbout.port", &S::nbout_port_bits, 128, 8, 4096, "bits", "Port of a bank.", "decision: as sb.port");
  p.bytes("sb.size", &S::sb_bytes, 256 * kib, 64, 1024 * mib, "Buffer of synapses, both halves.",
          "decision: the split of Table IX's 772 KB (docs/accelerators/diannao.md)");
  p.integer("sb.banks", &S::sb_banks, 128, 2, 4096, "", "Its SRAM banks.",
            "decision: 2 KB each, as SmartDeal's weight buffers");
  p.integer("sb.port", &S::sb_port_bits, 128, 8, 4096, "bits", "Port of a bank.",
            "decision: as SmartDeal's weight buffers");
}

ParameterSet<DianNaoSpec> declare() {
  using S = DianNaoSpec;
  ParameterSet<S> p;
  p.inherit(system_parameters());
  declare_nfu(p);
  declare_buffers(p);
  // Banks and ports deliver a row a cycle whatever they are: it is required below.
  p.mapping_only({"nbin.size", "nbin.banks", "nbin.port", "nbout.size", "nbout.banks", "nbout.port", "sb.size",
                  "sb.banks", "sb.port"});
  p.require({"nfu.precision"}, "nfu.precision must be 8 or 16 bits",
            [](const S& s) { return s.precision_bits % 8 == 0; });
  p.require({"nfu2.sum"}, "nfu2.sum must be a whole number of bytes", [](const S& s) { return s.sum_bits % 8 == 0; });
  p.require({"nfu.tn", "nfu.ti"}, "nfu.tn x nfu.ti is more than 65536 multipliers; at most 65536",
            [](const S& s) { return s.Tn * s.Ti <= 65536; });
  p.require({"nbin.size", "nbin.banks"}, "nbin.banks must divide nbin.size",
            [](const S& s) { return s.nbin_bytes % s.nbin_banks == 0; });
  p.require({"nbout.size", "nbout.banks"}, "nbout.banks must divide nbout.size",
            [](const S& s) { return s.nbout_bytes % s.nbout_banks == 0; });
  p.require({"sb.size", "sb.banks"}, "sb.banks must divide sb.size",
            [](const S& s) { return s.sb_bytes % s.sb_banks == 0; });
  p.require({"nbin.banks", "nbin.port", "nfu.ti"},
            "a half of NBin does not deliver Ti neurons a cycle; nbin.banks / 2 x nbin.port must be at least nfu.ti x "
            "nfu.precision",
            [](const S& s) { return s.nbin_banks / 2 * s.nbin_port_bits >= s.nbin_row_bits(); });
  p.require({"nbout.banks", "nbout.port", "nfu.tn"},
            "a half of NBout does not deliver Tn sums a cycle; nbout.banks / 2 x nbout.port must be at least nfu.tn x "
            "nfu2.sum",
            [](const S& s) { return s.nbout_banks / 2 * s.nbout_port_bits >= s.nbout_row_bits(); });
  p.require({"sb.banks", "sb.port", "nfu.tn", "nfu.ti"},
            "a half of SB does not deliver Tn x Ti synapses a cycle; sb.banks / 2 x sb.port must be at least nfu.tn x "
            "nfu.ti x nfu.precision",
            [](const S& s) { return s.sb_banks / 2 * s.sb_port_bits >= s.sb_row_bits(); });
  return p;
}

}  // namespace

const ParameterSet<DianNaoSpec>& diannao_parameters() {
  static const ParameterSet<DianNaoSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
