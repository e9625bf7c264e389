// Layers of the networks that ship with Rebasis, compressed and traced on a real image: `rebasis verify` finds the
// fast run equal to the clocked one in every counter, and the clocked outputs equal to integer arithmetic.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "workloads/trace/trace.h"

namespace {

using rebasis::test::Outcome;

/// `trace`: a file of tests/golden/traces without its ending. The larger network is sampled unless REBASIS_CASES asks
/// for more.
void check_verified(const std::string& trace, const std::string& accelerator,
                    const std::vector<std::string>& overrides) {
  const std::string path = REBASIS_SOURCE_DIR "/tests/golden/traces/" + trace + ".trace";
  std::vector<std::string> words = {"verify", path, "--accelerator", accelerator, "--quiet"};
  for (const std::string& value : overrides) words.insert(words.end(), {"--set", value});
  std::size_t layers = rebasis::trace::TraceReader(path).metadata().layers.size();
  if (trace.starts_with("fmnist_vggsmall") && std::getenv("REBASIS_CASES") == nullptr) {
    layers = 2;
    words.insert(words.end(), {"--sample", "2"});
  }
  const Outcome outcome = rebasis::test::run_rebasis(words, {.timeout_s = 240});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.status == 0);
  const std::string all = std::to_string(layers);
  CHECK(outcome.output.find(all + " of " + all + " checks equal") != std::string::npos);
}

void check_smartdeal(const std::string& network) {
  SUBCASE("as published") { check_verified(network, "smartdeal", {}); }
  SUBCASE("a quarter of the array, MACs free within a row, segments skipped") {
    check_verified(
        network, "smartdeal",
        {"array.dim_M=16", "array.dim_C=8", "array.dim_F=4", "pe.mac_sync=row", "index.skip_activations=segment"});
  }
  SUBCASE("small buffers, slices in step, one rebuild engine, another memory") {
    check_verified(network, "smartdeal",
                   {"input_gb.size=8KB", "weight_buffer.size=1KB", "array.sync=array", "re.count=1", "pe.clusters=1",
                    "dram.model=ddr3-1066-x16", "mapper.objective=latency"});
  }
}

void check_diannao(const std::string& network) {
  SUBCASE("resources of Table IX") { check_verified(network + ".dense", "diannao", {}); }
  SUBCASE("as published") { check_verified(network + ".dense", "diannao-original", {}); }
  SUBCASE("tall array, padding skipped, small buffers, another memory") {
    check_verified(network + ".dense", "diannao",
                   {"nfu.tn=64", "nfu.ti=8", "nfu.skip_padding=true", "nbin.size=8KB", "nbin.banks=4", "nbout.size=2KB",
                    "nbout.banks=16", "nbout.port=256", "sb.size=64KB", "nfu2.stages=1", "dram.model=ddr3-1066-x16",
                    "mapper.objective=latency"});
  }
}

void check_bit_pragmatic(const std::string& network) {
  SUBCASE("resources of Table IX") { check_verified(network + ".dense", "bit-pragmatic", {}); }
  SUBCASE("as published") { check_verified(network + ".dense", "bit-pragmatic-original", {}); }
  SUBCASE("pallets in step, one-bits, short first stage, no folding, small buffers, another memory") {
    check_verified(
        network + ".dense", "bit-pragmatic",
        {"sync.mode=pallet", "oneffset.encoding=plain", "pip.first_stage_bits=1", "brick.fold=off", "array.windows=row",
         "nbin.size=8KB", "sb.size=80KB", "nbout.size=4KB", "dram.model=ddr3-1066-x16", "mapper.objective=latency"});
  }
  SUBCASE("three registers, narrow ports") {
    check_verified(network + ".dense", "bit-pragmatic",
                   {"sync.registers=3", "oneffset.encoding=naf", "sb.weights_per_cycle=64", "nbin.row_bricks=2",
                    "nbout.outputs_per_cycle=4"});
  }
}

void check_cambricon_x(const std::string& network) {
  SUBCASE("resources of Table IX") { check_verified(network + ".pruned", "cambricon-x", {}); }
  SUBCASE("as published") { check_verified(network + ".pruned", "cambricon-x-original", {}); }
  SUBCASE("dense synapses") { check_verified(network + ".dense", "cambricon-x", {}); }
  SUBCASE("many narrow PEs, short steps, lines of one kernel position, small buffers, another memory") {
    check_verified(
        network + ".pruned", "cambricon-x",
        {"pe.count=64", "pe.multipliers=16", "pe.assignment=in_order", "indexing.scan=64", "indexing.lines=2",
         "indexing.step_bits=1", "indexing.gather=tap", "nbin.size=8KB", "nbout.size=8KB", "sb.size=1KB",
         "index_buffer.size=16KB", "dram.model=ddr3-1066-x16", "mapper.objective=latency"});
  }
}

void check_scnn(const std::string& network) {
  // Fully-connected layers too, so that every layer is verified.
  SUBCASE("resources of Table IX") { check_verified(network + ".pruned", "scnn", {"fc.enabled=true"}); }
  SUBCASE("as published") { check_verified(network + ".pruned", "scnn-original", {"fc.enabled=true"}); }
  SUBCASE("bank queues, small buffers, planar tiles, another memory") {
    check_verified(network + ".pruned", "scnn",
                   {"fc.enabled=true", "array.rows=4", "array.columns=4", "accumulator.queue=4", "iaram.size=1536",
                    "weight_buffer.size=4KB", "weight_fifo.entries=7", "accumulator.buffers=1",
                    "dram.model=ddr3-1066-x16", "mapper.objective=latency"});
  }
  SUBCASE("dense, few large PEs") {
    check_verified(network + ".dense", "scnn",
                   {"fc.enabled=true", "array.rows=4", "array.columns=2", "pe.weights=8", "pe.activations=3",
                    "iaram.size=64KB", "oaram.size=8KB", "accumulator.banks=24", "accumulator.entries=128",
                    "weight_buffer.order=kernel", "weight_fifo.broadcast=2"});
  }
}

void check_sparse_tensor_core(const std::string& network) {
  SUBCASE("resources of Table IX, 2 of 4") { check_verified(network + ".2of4", "sparse-tensor-core", {}); }
  SUBCASE("resources of Table IX, 1 of 16") { check_verified(network + ".15of16", "sparse-tensor-core", {}); }
  SUBCASE("1 of 16 as the published 2 of 4") { check_verified(network + ".15of16", "sparse-tensor-core-2of4", {}); }
  SUBCASE("tall array, a kernel position a cycle, small buffers, another memory") {
    check_verified(network + ".15of16", "sparse-tensor-core",
                   {"nfu.tn=64", "nfu.ti=8", "nfu.fold_kernel=false", "select.stages=2", "nbin.neurons=32",
                    "nbin.size=8KB", "nbin.banks=4", "nbout.size=2KB", "nbout.banks=16", "nbout.port=256",
                    "sb.size=4KB", "index_buffer.size=2KB", "index_buffer.port=64", "dram.model=ddr3-1066-x16"});
  }
}

void check_pynq_ternary(const std::string& network) {
  SUBCASE("16 x 3 x 3 on the board") { check_verified(network + ".ternary", "pynq-z1-ternary", {}); }
  SUBCASE("reference, which skips nothing") { check_verified(network + ".ternary", "pynq-z1-ternary-reference", {}); }
  SUBCASE("16-bit multipliers") { check_verified(network + ".ternary", "pynq-z1-mac", {}); }
  SUBCASE("four small PEs that larger groups and kernels are cut for, small buffers, one port") {
    check_verified(network + ".ternary", "pynq-z1-ternary",
                   {"array.pes=4", "pe.channels=8", "pe.kernel_rows=2", "pe.kernel_columns=2", "pe.depth=7",
                    "pe.weight_prefetch=false", "indexer.groups_per_cycle=4", "weight_buffer.size=8KB",
                    "weight_buffer.port=64", "output_buffer.size=16KB", "output.lanes=1", "mac_engine.dsps=12",
                    "axi.ports=1", "host.start=0", "mapper.objective=latency"});
  }
}

}  // namespace

TEST_CASE("every layer of ResNet-20 on SmartDeal") { check_smartdeal("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on SmartDeal") { check_smartdeal("fmnist_vggsmall"); }

TEST_CASE("every layer of ResNet-20 on DianNao") { check_diannao("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on DianNao") { check_diannao("fmnist_vggsmall"); }

TEST_CASE("every layer of ResNet-20 on Bit-Pragmatic") { check_bit_pragmatic("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on Bit-Pragmatic") { check_bit_pragmatic("fmnist_vggsmall"); }

TEST_CASE("every layer of ResNet-20 on Cambricon-X") { check_cambricon_x("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on Cambricon-X") { check_cambricon_x("fmnist_vggsmall"); }

TEST_CASE("every layer of ResNet-20 on SCNN") { check_scnn("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on SCNN") { check_scnn("fmnist_vggsmall"); }

TEST_CASE("every layer of ResNet-20 on the sparse tensor core") { check_sparse_tensor_core("fmnist_resnet20"); }

TEST_CASE("every layer of ResNet-20 on the PE-wise ternary accelerator") { check_pynq_ternary("fmnist_resnet20"); }

TEST_CASE("layers of the small VGG on the PE-wise ternary accelerator") { check_pynq_ternary("fmnist_vggsmall"); }

TEST_CASE("a training step of ResNet-20, pass by pass") {
  const auto check = [](const std::string& trace, const std::vector<std::string>& overrides) {
    std::vector<std::string> words = {"verify",
                                      REBASIS_SOURCE_DIR "/tests/golden/traces/" + trace + ".trace",
                                      "--accelerator",
                                      "transposable",
                                      "--quiet",
                                      "--sample",
                                      "3"};
    for (const std::string& value : overrides) words.insert(words.end(), {"--set", value});
    const Outcome outcome = rebasis::test::run_rebasis(words, {.timeout_s = 240});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.status == 0);
    CHECK(outcome.output.find("11 of 11 checks equal") != std::string::npos);
  };
  SUBCASE("dense") { check("fmnist_resnet20.dense", {"training.batch=2"}); }
  SUBCASE("as Ce and B") { check("fmnist_resnet20", {"training.batch=1", "training.method=sd-t"}); }
  SUBCASE("a small array, small buffers, Adam, another memory") {
    check("fmnist_resnet20.dense",
          {"training.batch=1", "array.rows=4", "array.columns=8", "input_gb.size=8KB", "weight_buffer.size=8KB",
           "output_gb.size=16KB", "optimiser.kind=adam", "dram.model=ddr3-1066-x16", "mapper.objective=latency"});
  }
}
