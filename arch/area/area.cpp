#include "arch/area/area.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "common/data_dir.h"

namespace rebasis::arch {

namespace {

const SramSweep& areas() {
  static const SramSweep sweep =
      SramSweep::load(data_path("arch/energy/tables/sram_cacti7.csv"), 0.028, "itrs-lstp", {}, "area_mm2");
  return sweep;
}

// The decoder's memories and codes (docs/decoders.md): table of 256 symbols; chunk memory of 64-bit words with samples.
constexpr std::int64_t decoder_table_bytes = 512, rank_word_bits = 64, rank_sample_bits = 16;
constexpr std::int64_t pair_bits = 16, pair_shift_stages = 4;
constexpr std::int64_t tree_levels = 8;  // of 8-bit weights, a bank and a rank each

// Controller and DMA: allowances stated in docs/area.md.
constexpr std::int64_t dma_channels = 3, beat_bits = 128, loops = 6, address_bits = 24;

}  // namespace

double bank_mm2(const SramGeometry& bank) { return areas().at(bank); }

AreaSheet& AreaSheet::srams(const std::vector<SramBanks>& memories) {
  for (const SramBanks& memory : memories) {
    const double mm2 = static_cast<double>(memory.banks) * bank_mm2(memory.bank) * density_.sram_factor();
    breakdown_.items.push_back({memory.component, "sram", memory.banks, 0, mm2});
    breakdown_.sram_mm2 += mm2;
  }
  return *this;
}

AreaSheet& AreaSheet::gates(const std::string& component, std::int64_t instances, const std::string& block,
                            const Gates& each) {
  if (instances <= 0 || each.nand2 <= 0) return *this;
  const double nand2 = static_cast<double>(instances) * each.nand2;
  const double mm2 = nand2 * density_.placed_um2() * 1e-6;
  breakdown_.items.push_back({component, block, instances, nand2, mm2});
  breakdown_.logic_mm2 += mm2;
  return *this;
}

AreaSheet& AreaSheet::blocks(const std::string& component, std::int64_t instances, const std::string& block,
                             const BlockParameters& parameters) {
  return gates(component, instances, block, GateTable::shipped().of(block, parameters));
}

AreaSheet& AreaSheet::registers(const std::string& component, std::int64_t bits) {
  return gates(component, bits, "flip_flops", GateTable::shipped().flip_flops(1));
}

AreaSheet& AreaSheet::note(const std::string& text) {
  breakdown_.notes.push_back(text);
  return *this;
}

AreaSheet& AreaSheet::system(const SystemSpec& spec, std::int64_t buffers) {
  const auto outstanding = std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(2, spec.dma_outstanding)));
  blocks("DMA", dma_channels, "dma_channel",
         {{"OUTSTANDING", static_cast<std::int64_t>(outstanding)}, {"BEAT_W", beat_bits}});
  blocks("controllers", 1 + buffers, "loop_controller", {{"LOOPS", loops}, {"W", address_bits}});
  decoder(spec.decoder);
  return *this;
}

void AreaSheet::decoder(const DecoderSpec& spec) {
  if (!spec.present()) return;
  const std::int64_t rate = spec.streams * spec.symbols_per_cycle;
  blocks("weight decoder: output", spec.streams, "data_register", {{"W", 8 * spec.write_bytes}});
  if (spec.kind == "run_length")
    blocks("weight decoder: pairs", rate, "shifter", {{"W", 2 * pair_bits}, {"STAGES", pair_shift_stages}});
  if (spec.kind == "huffman") {
    // Symbols are in the memory; what is left of the circuit is that of a small code.
    blocks("weight decoder: codes", rate, "huffman_decoder", {{"SYMBOLS", 16}});
    srams({{"decoder_table", spec.streams, {decoder_table_bytes, 16}}});
  }
  if (!spec.succinct()) return;
  if (spec.kind == "succinct_element")
    blocks("weight decoder: ranks", spec.streams * tree_levels, "rank_unit",
           {{"W", rank_word_bits}, {"SAMPLE_W", rank_sample_bits}});
  const std::int64_t words = ceil_div(spec.chunk * tree_levels, rank_word_bits);
  const std::int64_t bytes = std::max<std::int64_t>(64, words * (rank_word_bits + rank_sample_bits) / 8);
  srams({{"decoder_chunk",
          spec.streams,
          {static_cast<std::uint64_t>(bytes), static_cast<std::uint32_t>(rank_word_bits + rank_sample_bits)}}});
}

AreaBreakdown at_density(const AreaBreakdown& area, const LogicDensity& density) {
  const double sram = density.sram_factor() / LogicDensity::shipped().sram_factor();
  AreaBreakdown moved = area;
  moved.logic_mm2 = moved.sram_mm2 = 0;
  for (AreaItem& item : moved.items) {
    item.mm2 = item.sram() ? item.mm2 * sram : item.nand2 * density.placed_um2() * 1e-6;
    (item.sram() ? moved.sram_mm2 : moved.logic_mm2) += item.mm2;
  }
  return moved;
}

std::string to_text(const AreaBreakdown& area) {
  const double total = area.total_mm2();
  const auto line = [&](const std::string& name, const std::string& block, std::int64_t instances, double nand2,
                        double mm2) {
    return fmt::format("{:<34}{:<18}{:>10}{:>14}{:>11.4f}{:>8.2f} %\n", name, block,
                       instances > 0 ? std::to_string(instances) : "", nand2 > 0 ? fmt::format("{:.0f}", nand2) : "-",
                       mm2, total > 0 ? 100 * mm2 / total : 0);
  };
  std::string text =
      fmt::format("{:<34}{:<18}{:>10}{:>14}{:>11}{:>10}\n", "component", "block", "instances", "NAND2", "mm2", "share");
  double gates = 0;
  for (const AreaItem& item : area.items) {
    text += line(item.component, item.block, item.instances, item.nand2, item.mm2);
    gates += item.nand2;
  }
  text += line("logic", "", 0, gates, area.logic_mm2) + line("SRAM", "", 0, 0, area.sram_mm2) +
          line("total", "", 0, gates, total);
  for (const std::string& note : area.notes) text += "Note: " + note + "\n";
  return text;
}

}  // namespace rebasis::arch
