// What designs cost, against values worked out by hand from their parameters.
#include <doctest/doctest.h>

#include <string>

#include "arch/accelerator_file.h"
#include "arch/area/area.h"
#include "arch/parameter_reference.h"

using namespace rebasis;
using arch::DesignFacts;

namespace {

constexpr std::int64_t kib = 1024;

DesignFacts of_preset(const std::string& preset) {
  const arch::AcceleratorFile file = arch::load_accelerator_file(preset);
  return arch::Registry<arch::ParameterReference>::global().create(file.model)->facts(file.config);
}

DesignFacts of(const std::string& model, const std::string& yaml) {
  return arch::Registry<arch::ParameterReference>::global().create(model)->facts(
      arch::RawConfig::parse(yaml, "mine.yaml"));
}

doctest::Approx about(double mm2) { return doctest::Approx(mm2).epsilon(1e-5); }

}  // namespace

TEST_CASE("the presets have the resources of Table IX: 1K multipliers or 8K bit-serial ones, 772 KB") {
  for (const char* preset : {"diannao", "cambricon-x", "scnn", "bit-pragmatic", "sparse-tensor-core"}) {
    CAPTURE(preset);
    const DesignFacts facts = of_preset(preset);
    CHECK(facts.multipliers == (preset == std::string("bit-pragmatic") ? 8192 : 1024));
    CHECK(facts.sram_bytes == 772 * kib);
    CHECK(facts.area_mm2 > 0.5);
  }
  const DesignFacts smartdeal = of_preset("smartdeal");
  CHECK(smartdeal.multipliers == 8192);
  CHECK(smartdeal.sram_bytes == (512 + 64 * 4 + 4) * kib + 32 * kib);  // the table leaves the index buffer out
  // Banks of 28 nm in the sweep: 32 of 16 KB with 64 bits, 128 of 2 KB with 128, 16 of 2 KB with
  // 256, 2 of 2 KB with 64. A MAC: 3 of 5 stages of a shifter of 16 of 32 bits, an adder of 32 bits.
  const double srams = 32 * 0.0291196 + 128 * 0.00321136 + 16 * 0.00520982 + 2 * 0.00346904;
  const double mac = 249.6461e-6 * 48 / 160 * 0.49 + 137e-6 * 0.38716;
  CHECK(smartdeal.area_mm2 == doctest::Approx(srams + 8192 * mac).epsilon(1e-4));
}

TEST_CASE("published designs") {
  CHECK(of_preset("diannao-original").multipliers == 256);
  CHECK(of_preset("diannao-original").sram_bytes == 36 * kib);
  CHECK(of_preset("cambricon-x-original").multipliers == 256);
  CHECK(of_preset("cambricon-x-original").sram_bytes == (8 + 8 + 16 * 2 + 8) * kib);
  CHECK(of_preset("scnn-original").multipliers == 1024);
  CHECK(of_preset("bit-pragmatic-original").multipliers == 65536);
  CHECK(of_preset("bit-pragmatic-original").sram_bytes == 36 * 1024 * kib);
}

TEST_CASE("the FPGA has lanes and block RAM, and no area") {
  const DesignFacts facts = of_preset("pynq-z1-ternary");
  CHECK(facts.multipliers == 144);
  CHECK(facts.sram_bytes == (96 + 32 + 128) * kib);
  CHECK(facts.area_mm2 == 0);
  CHECK(of("pynq-z1-ternary", "array.pes: 2").multipliers == 288);
  CHECK(of("pynq-z1-ternary", "array.pes: 2").sram_bytes == facts.sram_bytes);  // sizes are of all PEs' buffers
}

TEST_CASE("areas of parts at 28 nm") {
  CHECK(arch::multiplier_mm2(8) == about(282e-6 * 28 * 28 / 45 / 45));
  CHECK(arch::multiplier_mm2(32) == about(3495e-6 * 28 * 28 / 45 / 45));
  CHECK(arch::multiplier_mm2(16) == about(992.76e-6 * 28 * 28 / 45 / 45));  // the geometric mean
  CHECK(arch::adder_mm2(8) == about(34.25e-6 * 28 * 28 / 45 / 45));
  CHECK(arch::registers_mm2(1000) == about(5981.433e-6 * 0.49));
  // CACTI's figures at a point of the sweep, twice as many at twice as many banks.
  CHECK(arch::area_of({{"a", 1, {2048, 128}}}) == about(0.00321136));
  CHECK(arch::area_of({{"a", 2, {2048, 128}}, {"b", 3, {1024, 64}}}) == about(2 * 0.00321136 + 3 * 0.00138937));
}

TEST_CASE("DianNao: 256 MACs, banks of 1 KB and 2 KB") {
  const DesignFacts facts = of("diannao",
                               "nfu: {tn: 16, ti: 16}\nnbin: {size: 2 KB, banks: 2, port: 128}\n"
                               "nbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, port: 256}\n");
  CHECK(facts.multipliers == 256);
  CHECK(facts.sram_bytes == 38 * kib);
  const double srams = 2 * 0.00205481 + 4 * 0.00407769 + 16 * 0.00520982;
  CHECK(facts.area_mm2 == about(srams + 256 * 419e-6 * 28 * 28 / 45 / 45));
}

TEST_CASE("sparse tensor core: an index buffer, and 7 multiplexers of 8 bits a selector of 8") {
  const DesignFacts facts = of("sparse-tensor-core",
                               "nfu: {tn: 8, ti: 8}\nselect.largest_group: 8\nnbin: {size: 2 KB, banks: 2, port: 256, "
                               "neurons: 32}\nnbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, "
                               "port: 256}\nindex_buffer: {size: 2 KB, banks: 2, port: 256}\n");
  CHECK(facts.multipliers == 64);
  CHECK(facts.sram_bytes == 40 * kib);
  const double srams = 8 * 0.00407769 + 16 * 0.00520982;
  const double selectors = 64 * 249.6461e-6 * 7 * 8 / 160 * 0.49;
  CHECK(facts.area_mm2 == about(srams + 64 * 419e-6 * 28 * 28 / 45 / 45 + selectors));
}

TEST_CASE("reuse unit: DianNao's, and seven memories, hash lanes, adders and dividers") {
  const std::string base =
      "nfu: {tn: 16, ti: 16}\nnbin: {size: 2 KB, banks: 2, port: 128}\n"
      "nbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, port: 256}\n";
  const DesignFacts without = of("diannao", base);
  const DesignFacts with =
      of("trec", base +
                     "hash: {lanes: 2, width: 8}\nhash_vectors.size: 2 KB\nwindow.size: 1 KB\n"
                     "buckets.banks: 2\nbucket_table.size: 4 KB\nbucket_sums.size: 4 KB\n"
                     "mean: {dividers: 4, stages: 8}\ncentroids.size: 2 KB\nbucket_ids.size: 4 KB\n"
                     "gather.columns: 2\nproducts.size: 16 KB\n");
  CHECK(with.multipliers == 256 + 2 * 8);
  CHECK(with.sram_bytes == without.sram_bytes + (2 + 1 + 4 + 4 + 2 + 4 + 16) * kib);
  // A row of sums has 8 x 24 bits, in two macros a bank; 16 products of 32 bits in four.
  const double memories = arch::area_of({{"hash_vectors", 1, {2048, 128}},
                                         {"window", 1, {1024, 64}},
                                         {"bucket_table", 2, {2048, 16}},
                                         {"bucket_sums", 4, {1024, 96}},
                                         {"centroids", 1, {2048, 128}},
                                         {"bucket_ids", 2, {2048, 16}},
                                         {"products", 8, {2048, 128}}});
  // Lanes; 8 adders of 24 bits; 4 dividers of 8 subtractions of 16 bits; 2 x 16 adders of 32 bits.
  const double adders = (8 * 24 + 4 * 8 * 16 + 2 * 16 * 32) * 137e-6 / 32;
  const double logic = (16 * 419e-6 + adders) * 28 * 28 / 45 / 45;
  CHECK(with.area_mm2 == about(without.area_mm2 + memories + logic));
  const DesignFacts preset = of_preset("trec");
  CHECK(preset.sram_bytes == (772 + 16 + 4 + 64 + 128 + 32 + 64 + 128) * kib);
}

TEST_CASE("Cambricon-X: a synapse buffer a PE") {
  const DesignFacts facts =
      of("cambricon-x",
         "pe: {count: 4, multipliers: 16}\nindexing: {scan: 64, step_bits: 4}\nnbin: {size: 2 KB, banks: 2}\n"
         "nbout: {size: 8 KB}\nsb: {size: 2 KB, banks: 1}\nindex_buffer: {size: 4 KB, banks: 4}\n");
  CHECK(facts.multipliers == 64);
  CHECK(facts.sram_bytes == (2 + 8 + 4 * 2 + 4) * kib);
  const double srams = 2 * 0.00407769 + 4 * 0.00406547 + 4 * 0.00321136 + 4 * 0.00138937;
  CHECK(facts.area_mm2 == about(srams + 64 * 419e-6 * 28 * 28 / 45 / 45));
}

TEST_CASE("SCNN: RAMs, accumulators and FIFO a PE; what is no SRAM is registers") {
  const DesignFacts facts =
      of("scnn",
         "array: {rows: 2, columns: 2}\naccumulator: {banks: 8, entries: 16}\nencoding.run_bits: 8\n"
         "weight_buffer.size: 4 KB\niaram.size: 2 KB\noaram.size: 2 KB\n");
  CHECK(facts.multipliers == 64);
  // A PE: 2 x 8 x 16 sums of 24 bits, 50 vectors of 4 weights with their runs, 16 bits each.
  CHECK(facts.sram_bytes == 4 * kib + 4 * (2 * kib + 2 * kib + 768 + 400));
  const double srams = 4 * 0.00346904 + 2 * 0.00346904 + 8 * 0.00138937;
  const double registers = 4 * (768 + 400) * 8 * 5.981433e-6 * 0.49;
  const double arithmetic = (64 * 282e-6 + 4 * 8 * 137e-6 * 24 / 32) * 28 * 28 / 45 / 45;
  CHECK(facts.area_mm2 == about(srams + registers + arithmetic));
}

TEST_CASE("Bit-Pragmatic: lanes with a first-stage shifter, PIPs with a second") {
  const DesignFacts facts = of("bit-pragmatic",
                               "array: {tiles: 1, rows: 2, columns: 2, lanes: 4}\nnbin: {size: 2 KB, banks: 2, "
                               "row_bricks: 4}\nsb: {size: 2 KB, banks: 1, weights_per_cycle: 16}\n"
                               "nbout: {size: 1 KB, banks: 1, outputs_per_cycle: 2}\n");
  CHECK(facts.multipliers == 16);
  CHECK(facts.sram_bytes == 5 * kib);
  const double srams = 2 * 0.00138937 + 0.00321136 + 0.00138937;
  // 16 lanes of 11 bits by two stages; 4 PIPs with 32 bits by three.
  const double shifters = (16 * 11 * 2 + 4 * 32 * 3) * 249.6461e-6 / 160 * 0.49;
  const double adders = (16 * 11 + 4 * 32) * 137e-6 / 32 * 28 * 28 / 45 / 45;
  CHECK(facts.area_mm2 == about(srams + shifters + adders));
}

TEST_CASE("SmartDeal: a weight buffer a slice; MACs that are not bit-serial are larger") {
  const DesignFacts plain = of("smartdeal", ""), more = of("smartdeal", "weight_buffer.size: 8 KB");
  CHECK(more.sram_bytes - plain.sram_bytes == 64 * 4 * kib);
  CHECK(more.area_mm2 > plain.area_mm2 + 0.1);
  CHECK(of("smartdeal", "pe.bit_serial: false").area_mm2 - plain.area_mm2 ==
        about(8192 * (arch::mac_mm2(8, 32) - arch::bit_serial_mac_mm2(8, 32))));
}
