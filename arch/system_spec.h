// What every accelerator has besides its array: a clock, a DMA, a memory and a mapper.
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"

namespace rebasis::arch {

/// The weight decoder between the DMA and the weight buffer (docs/decoders.md).
struct DecoderSpec {
  std::string kind;                    ///< none | run_length | huffman | succinct_element | succinct_block
  std::int64_t streams = 0;            ///< decoders side by side
  std::int64_t chunk = 0;              ///< weights that are coded on their own
  std::int64_t symbols_per_cycle = 0;  ///< of a stream: pairs or codes
  std::int64_t operands = 0;           ///< of a stream, walking the tree at once (succinct_element)
  std::string tree;                    ///< shape: huffman | balanced
  std::int64_t write_bytes = 0;        ///< that a stream writes in a cycle
  [[nodiscard]] bool present() const { return kind != "none"; }
  [[nodiscard]] bool succinct() const { return kind == "succinct_element" || kind == "succinct_block"; }
};

/// The parameters `clock.*`, `dma.*`, `dram.*`, `mapper.*` and `decoder.*`. A model's spec derives from it and inherits
/// the parameters.
struct SystemSpec {
  double frequency_hz = 0;
  std::int64_t dma_request_bytes = 0;
  std::int64_t dma_outstanding = 0;
  std::string dram_model;
  double dram_bandwidth_gb_s = 0;
  double dram_latency_ns = 0;
  std::string dram_mapping;
  std::string objective;  ///< dram | latency
  DecoderSpec decoder;
};

[[nodiscard]] const ParameterSet<SystemSpec>& system_parameters();

}  // namespace rebasis::arch
