#include "arch/transposable/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_array(ParameterSet<TransposableSpec>& p) {
  using S = TransposableSpec;
  p.integer("array.rows", &S::rows, 16, 1, 256, "",
            "Rows: results at once. A row adds up its products; in the weight-gradient pass each element keeps a sum.",
            "decision: 512 multipliers, as a published 0.2 TFLOPS at 200 MHz needs (not in the SmartDeal paper)");
  p.integer("array.columns", &S::columns, 32, 1, 256, "", "Columns: operands of each result at once.",
            "decision: twice the rows, because a column costs one operand a cycle and a row two accesses to a sum");
  p.integer("array.precision", &S::precision_bits, 16, 8, 16, "bits",
            "Stored width of activations, weights and gradients (8 or 16).",
            "decision: 16-bit training, as in mobile training chips; 8-bit values of a trace are stored sign-extended");
  p.integer("array.sum", &S::sum_bits, 32, 16, 64, "bits", "Width of a sum, in the array and in the output buffer.",
            "decision: 32-bit accumulation");
  p.integer("array.stages", &S::stages, 4, 2, 32, "",
            "Cycles from reading operands until the sums are in the output buffer.",
            "decision: multiplier, two of the tree, addition to the output buffer");
}

void declare_buffers(ParameterSet<TransposableSpec>& p) {
  using S = TransposableSpec;
  p.bytes("input_gb.size", &S::input_bytes, 128 * kib, 64, 1024 * mib,
          "Buffer of the operands that stream: activations forward, output gradients backward; both halves.",
          "decision: not published");
  p.integer("input_gb.banks", &S::input_banks, 16, 2, 4096, "", "Its SRAM banks; half of them hold a tile.",
            "decision: 8 KB each");
  p.integer("input_gb.port", &S::input_port_bits, 64, 8, 4096, "bits", "Port of a bank.", "decision");
  p.bytes("weight_buffer.size", &S::weight_bytes, 128 * kib, 64, 1024 * mib,
          "Transposable buffer: weights; output gradients in the weight-gradient pass; both halves.",
          "decision: not published");
  p.integer("weight_buffer.banks", &S::weight_banks, 64, 2, 4096, "",
            "Its SRAM banks, one value wide. The weight of filter m and channel c is in bank (m + c) modulo half of "
            "them, so that a row and a column of the matrix touch each bank once.",
            "decision: two halves of as many banks as columns");
  p.bytes("output_gb.size", &S::output_bytes, 128 * kib, 64, 1024 * mib, "Buffer of sums, both halves.",
          "decision: not published");
  p.integer("output_gb.banks", &S::output_banks, 16, 2, 4096, "", "Its SRAM banks.", "decision: 8 KB each");
  p.integer("output_gb.port", &S::output_port_bits, 64, 8, 4096, "bits", "Port of a bank, read and written in a cycle.",
            "decision");
}

void declare_smartdeal(ParameterSet<TransposableSpec>& p) {
  using S = TransposableSpec;
  p.integer(
      "rebuild.terms", &S::rebuild_terms, 3, 1, 16, "",
      "Coefficients that a rebuild engine applies in a cycle; one engine for each column of the array.",
      "SmartDeal paper, appendix F: rebuilding engines; decision: a weight a cycle with the usual basis of 3 x 3");
  p.integer("rebuild.code", &S::code_bits, 4, 1, 8, "bits",
            "A non-zero coefficient in DRAM and in the weight buffer: sign and exponent, of a fixed length.",
            "SmartDeal paper: 4-bit coefficients; decision: no Huffman codes, because training changes the values");
  p.integer("switch.bits", &S::counter_bits, 4, 1, 32, "bits",
            "Counter of switch directions of a non-zero coefficient; 10 holds the last five directions themselves.",
            "SmartDeal paper, appendices D and F: theta_c = 7 fits in 4 bits with its sign");
  p.bytes("switch.buffer", &S::counter_bytes, 4 * kib, 64, 16 * mib, "SRAM through which the counters pass.",
          "SmartDeal paper, appendix F: counters; decision: the counters of a network do not fit on the chip");
  p.real("switch.moving", &S::moving_percent, 0.02, 0, 100, "%",
         "Non-zero coefficients whose counter reaches its threshold in a step: only they are written.",
         "measured: 1.8 to 3.0 % an epoch of 100 to 200 steps (docs/results/smartdeal-training.md)");
}

void declare_training(ParameterSet<TransposableSpec>& p) {
  using S = TransposableSpec;
  p.choice("optimiser.kind", &S::optimiser, "momentum", {"sgd", "momentum", "adam"},
           "What is kept for each parameter besides its value: nothing, one value or two.",
           "SmartDeal paper, appendix E: SGD; decision: with momentum, as in its code's training");
  p.integer("optimiser.bits", &S::state_bits, 16, 8, 32, "bits", "Width of such a value.",
            "decision: as wide as what the array computes");
  p.integer("optimiser.lanes", &S::lanes, 32, 1, 4096, "", "Multiply-accumulates of the update unit in a cycle.",
            "decision: more parameters a cycle than the DRAM delivers");
  p.integer("optimiser.chunk", &S::chunk, 4096, 16, 1048576, "", "Parameters that the update unit takes at a time.",
            "decision");
  p.integer("training.batch", &S::batch, 8, 1, 4096, "", "Images of a training step.",
            "decision: learning on the device; Yang's dissertation trains with 8 in chapter 4.4");
  p.choice("training.method", &S::method, "dense", {"dense", "sd-t", "last-layer", "bias-only", "forward"},
           "What learns: all parameters as dense weights; all, with SmartDeal layers as Ce and B; the last layer; all "
           "biases and the last layer; nothing.",
           "SmartDeal paper section IV; Yang's dissertation section 4.2");
  p.text("training.frozen", &S::frozen, "", "Layers that do not learn: names divided by commas, * is any text.",
         "Yang's dissertation chapter 5: layer freezing");
  p.text("training.trainable", &S::trainable, "", "When given, only these layers learn.",
         "Yang's dissertation chapter 4");
  p.text("training.detached", &S::detached, "",
         "Layers through which no gradient flows to the layers before, and that do not learn.",
         "Yang's dissertation chapter 4: the backbone of a Rep-Net");
  p.integer("training.recompute", &S::recompute, 1, 1, 1024, "",
            "Segments of layers whose inner activations are computed again instead of kept; 1: all are kept.",
            "decision: gradient checkpointing");
}

}  // namespace

const ParameterSet<TransposableSpec>& transposable_parameters() {
  using S = TransposableSpec;
  static const ParameterSet<S> parameters = [] {
    ParameterSet<S> p;
    p.inherit(system_parameters());
    declare_array(p);
    declare_buffers(p);
    declare_smartdeal(p);
    declare_training(p);
    p.require({"array.precision"}, "array.precision must be 8 or 16 bits",
              [](const S& s) { return s.precision_bits % 8 == 0; });
    p.require({"array.sum"}, "array.sum must be a whole number of bytes",
              [](const S& s) { return s.sum_bits % 8 == 0; });
    p.require({"optimiser.bits"}, "optimiser.bits must be a whole number of bytes",
              [](const S& s) { return s.state_bits % 8 == 0; });
    for (const auto& [size, banks, bytes, count] :
         {std::tuple{"input_gb.size", "input_gb.banks", &S::input_bytes, &S::input_banks},
          std::tuple{"weight_buffer.size", "weight_buffer.banks", &S::weight_bytes, &S::weight_banks},
          std::tuple{"output_gb.size", "output_gb.banks", &S::output_bytes, &S::output_banks}}) {
      p.require({size, banks}, std::string(banks) + " must divide " + size,
                [field = bytes, number = count](const S& s) { return s.*field % (s.*number) == 0; });
    }
    p.require({"input_gb.banks", "input_gb.port", "array.columns"},
              "a half of the input buffer does not deliver a value for each column in a cycle; input_gb.banks / 2 x "
              "input_gb.port must be at least array.columns x array.precision",
              [](const S& s) { return s.input_banks / 2 * s.input_port_bits >= s.columns * s.precision_bits; });
    p.require({"weight_buffer.banks", "array.rows", "array.columns"},
              "a half of the weight buffer does not deliver a row or a column of weights in a cycle; "
              "weight_buffer.banks must be at least twice array.rows and twice array.columns",
              [](const S& s) { return s.weight_banks >= 2 * s.rows && s.weight_banks >= 2 * s.columns; });
    p.require({"output_gb.banks", "output_gb.port", "array.rows", "array.columns"},
              "a half of the output buffer does not take a sum for each row in a cycle; output_gb.banks / 2 x "
              "output_gb.port must be at least array.rows x array.sum",
              [](const S& s) { return s.output_banks / 2 * s.output_port_bits >= s.rows * s.sum_bits; });
    return p;
  }();
  return parameters;
}

}  // namespace rebasis::arch
