// The studies of docs/examples in their short form: every command runs, the tables have their rows, and what does not
// depend on accuracy is right: zeros where they must be, values that the form has, sizes of what decodes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "cli/build_info.h"
#include "tests/support/markdown_table.h"
#include "tests/support/process.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/graph/layers.h"

using namespace rebasis;
using test::Table;

namespace {

struct Study {
  std::string folder;
  std::vector<std::string> words;
  std::string output;
  std::vector<Table> tables;

  Study(const std::string& script, const std::string& name)
      : folder(test::fresh_folder(name)), words{REBASIS_PYTHON, REBASIS_SOURCE_DIR "/docs/examples/" + script,
                                                folder,         "--short",
                                                "--threads",    "1",
                                                "--rebasis",    REBASIS_BIN_DIR "/rebasis"} {
    const test::Outcome outcome = test::run(words, {.timeout_s = 240});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.output, outcome.errors);
    output = outcome.output;
    tables = test::tables_of(output);
  }
  /// A finished study prints its tables again and starts nothing.
  void check_kept(const std::string& command = "train") const {
    const test::Outcome again = test::run(words, {.timeout_s = 60});
    CHECK(again.status == 0);
    CHECK(output.find("rebasis " + command) != std::string::npos);
    CHECK(again.output.find("rebasis") == std::string::npos);
    const std::vector<Table> kept = test::tables_of(again.output);
    REQUIRE(kept.size() == tables.size());
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].rows == tables[i].rows);
  }
  [[nodiscard]] graph::Graph network(const std::string& name) const {
    graph::ImportOptions as_trained;
    as_trained.fold_batch_norms = false;
    return graph::import_onnx(folder + "/" + name + ".onnx", as_trained);
  }
};

std::int64_t zeros(const std::vector<float>& values) { return std::count(values.begin(), values.end(), 0.0F); }

/// Weights [M][C/groups][R][S] of the layers from `first` to `behind` the last one.
std::vector<Tensor<float>> weights_of(const graph::Graph& graph, std::size_t first, std::size_t behind) {
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(graph);
  std::vector<Tensor<float>> weights;
  for (std::size_t i = first; i < layers.size() - behind; ++i)
    weights.push_back(graph::layer_weights(graph, layers[i]));
  return weights;
}

struct Zeros {
  std::int64_t count = 0, all = 0;
};

Zeros zeros_of(const std::vector<Tensor<float>>& weights) {
  Zeros sum;
  for (const Tensor<float>& layer : weights) {
    sum.count += zeros(layer.values);
    sum.all += static_cast<std::int64_t>(layer.values.size());
  }
  return sum;
}

/// No fewer zeros than were asked for, and hardly more: those among the weights that have just grown, from zero.
void check_pruned(const Zeros& zeros, double share) {
  const auto all = static_cast<double>(zeros.all), pruned = std::floor(share * all + 1e-9);
  CHECK(static_cast<double>(zeros.count) >= pruned);
  CHECK(static_cast<double>(zeros.count) < pruned + 0.005 * all);
}

/// Share of the groups of `channels` x R x S weights that are zero.
double zero_groups(const std::vector<Tensor<float>>& weights, std::int64_t channels) {
  double groups = 0, empty = 0;
  for (const Tensor<float>& layer : weights) {
    const std::int64_t all = layer.shape[1], kernel = layer.shape[2] * layer.shape[3];
    for (std::int64_t m = 0; m < layer.shape[0]; ++m) {
      for (std::int64_t c = 0; c < all; c += channels) {
        const auto first = layer.values.begin() + (m * all + c) * kernel;
        const auto last = first + std::min(channels, all - c) * kernel;
        groups += 1;
        empty += std::all_of(first, last, [](float value) { return value == 0; }) ? 1 : 0;
      }
    }
  }
  return empty / groups;
}

}  // namespace

TEST_CASE("ternary-wpc") {
  const Study study("ternary-wpc/run", "ternary_wpc");
  REQUIRE(study.tables.size() == 2);
  CHECK(study.tables[0].rows.size() == 4);
  CHECK(study.tables[1].rows.size() == 2);
  const std::vector<std::pair<std::string, std::int64_t>> runs{
      {"table3-ternary", 16}, {"table3-naive", 16}, {"table3-wpc", 16}, {"table6-pe4", 4}, {"table6-pe1", 1}};
  for (const auto& [name, channels] : runs) {
    CAPTURE(name);
    const std::string weight = name == "table3-ternary" ? "-" : "0.03";
    const auto weights = weights_of(study.network(name + (weight == "-" ? "" : "-" + weight)), 1, 1);
    for (const Tensor<float>& layer : weights) {
      std::set<float> magnitudes;
      for (const float value : layer.values) magnitudes.insert(std::abs(value));
      magnitudes.erase(0);
      CHECK(magnitudes.size() == 1);  // alpha
    }
    const Table& table = study.tables[name.starts_with("table6") ? 1 : 0];
    const std::vector<std::string> row{"yang-" + name, weight};
    const Zeros sparsity = zeros_of(weights);
    CHECK(table.cell(row, "overall sparsity %") ==
          fmt::format("{:.2f}", 100.0 * static_cast<double>(sparsity.count) / static_cast<double>(sparsity.all)));
    if (weight == "-") continue;
    const double share = zero_groups(weights, channels);
    CHECK(table.cell(row, "group sparsity %") == fmt::format("{:.2f}", 100 * share));
    CHECK(table.cell(row, "compression (2.8)") == fmt::format("{:.2f}", 16 / (1 - share)));
  }
  CHECK(study.tables[1].number({"yang-table6-pe1"}, "compression (2.8)") > 16);  // 3x3 kernels do become zero
  CHECK(study.tables[0].number({"yang-table3-pruning"}, "compression (2.8)") >= 1);
  study.check_kept();
}

TEST_CASE("smartdeal-ablation") {
  const Study study("smartdeal-training/run-table2", "smartdeal_ablation");
  REQUIRE(study.tables.size() == 1);
  const Table& table = study.tables[0];
  CHECK(table.rows.size() == 9);
  CHECK(table.number({"1"}, "size (kB)") == doctest::Approx(1085.6));
  for (const auto& row : table.rows) {
    CAPTURE(row[0]);
    const double rate = table.number({row[0]}, "compression rate");
    CHECK(rate >= (row[0] == "1" ? 1 : 3.9));
    CHECK(rate * table.number({row[0]}, "size (kB)") == doctest::Approx(1085.6).epsilon(0.005));
  }
  CHECK(table.cell({"4+"}, "W non-zero %") == "19.1");
  // Traces decode to what the table says; rows are zero in the share that was asked for.
  const std::vector<std::tuple<std::string, std::string, double>> traces{
      {"8", "resnet20-smartdeal-table2-exp8", 0.37},
      {"8 (delta)", "resnet20-smartdeal-table2-exp8-delta", 0.70},
      {"SD†", "resnet20-smartdeal-table2-sd-dagger", 0.37}};
  for (const auto& [experiment, name, ratio] : traces) {
    CAPTURE(experiment);
    const trace::TraceReader reader(study.folder + "/" + name + ".trace");
    double nonzeros = 0, all = 0;
    for (const trace::LayerInfo& layer : reader.metadata().layers) {
      const std::vector<std::int32_t> weights = encode::integer_weights(reader, layer);
      nonzeros +=
          static_cast<double>(weights.size()) - static_cast<double>(std::count(weights.begin(), weights.end(), 0));
      all += static_cast<double>(weights.size());
      if (layer.encoding != "smartdeal") continue;
      const std::vector<std::uint8_t> rows = encode::decode_layer(reader, layer).row_nonzeros;
      const auto empty = static_cast<double>(std::count(rows.begin(), rows.end(), 0));
      CHECK_MESSAGE(empty >= std::floor(ratio * static_cast<double>(rows.size())), layer.name);
    }
    CHECK(table.cell({experiment}, "W non-zero %") == fmt::format("{:.1f}", 100 * nonzeros / all));
  }
}

TEST_CASE("sd-training") {
  const Study study("smartdeal-training/run-table5", "sd_training");
  REQUIRE(study.tables.size() == 2);
  const Table &table = study.tables[0], &compressed = study.tables[1];
  CHECK(table.rows.size() == 5);
  CHECK(compressed.rows.size() == 3);
  for (const auto& row : compressed.rows) CHECK(compressed.number({row[0], row[1]}, "compression rate") > 7);
  CHECK(table.number({"finetune", "SS"}, "size (kB)") < table.number({"finetune", "SD"}, "size (kB)"));
  for (const std::string task : {"finetune", "adaptation"}) {
    CAPTURE(task);
    const auto kinds =
        task == std::string("finetune") ? std::vector<std::string>{"sd", "ss"} : std::vector<std::string>{"sd"};
    CHECK(table.number({task, "VA"}, "size (kB)") == doctest::Approx(4 * 270.608).epsilon(1e-4));
    for (const std::string column : {"size (kB)", "kept between steps (kB)", "read in a step (kB)", "update (kB)"})
      CHECK(table.number({task, "SD"}, column) * 6 < table.number({task, "VA"}, column));
    // Ce: powers of two and zeros; with SS a fifth of its rows zero; compress takes it over as it is.
    for (const std::string& kind : kinds) {
      CAPTURE(kind);
      const graph::Graph network = study.network(task + "-" + kind);
      CHECK(network.factors.size() > 15);
      std::int64_t kept = 0, taken = 0;
      for (const auto& [name, factors] : network.factors) {
        const std::vector<float>& values = factors.coefficients.values;
        const auto n = static_cast<std::size_t>(factors.coefficients.shape.back());
        std::size_t empty = 0;
        for (std::size_t i = 0; i < values.size(); i += n)
          empty += std::all_of(&values[i], &values[i] + n, [](float value) { return value == 0; }) ? 1 : 0;
        for (const float value : values) CHECK((value == 0 || std::exp2(std::ilogb(value)) == std::abs(value)));
        if (kind == "ss") CHECK_MESSAGE(5 * empty * n + 5 * n > values.size(), name);
        kept += static_cast<std::int64_t>(values.size()) - zeros(values);
      }
      const trace::TraceReader reader(study.folder + "/" + task + "-" + kind + ".trace");
      for (const trace::LayerInfo& layer : reader.metadata().layers) {
        if (layer.encoding != "smartdeal") continue;
        for (const std::uint8_t nonzeros : encode::decode_layer(reader, layer).row_nonzeros) taken += nonzeros;
      }
      CHECK(taken == kept);
    }
  }
}

TEST_CASE("alternating-sparse-training") {
  const Study study("alternating-sparse-training/run", "alternating_sparse_training");
  REQUIRE(study.tables.size() == 1);
  const Table& table = study.tables[0];
  CHECK(table.rows.size() == 6);
  const std::map<std::string, double> shares{{"s70", 0.7}, {"s90", 0.9}, {"s95", 0.95}};
  std::map<std::string, std::vector<Tensor<float>>> subset;
  for (const std::string recipe : {"ast-gc", "cs", "joint"}) {
    CHECK(table.cell({recipe}, "sparsity %") == "70.00, 90.00, 95.00");
    for (const auto& [name, share] : shares) {
      CAPTURE(name);
      auto weights = weights_of(study.network(recipe + std::string(".") + name), 1, 0);
      const Zeros sparsity = zeros_of(weights);
      check_pruned(sparsity, share);
      if (recipe == std::string("cs")) subset[name] = std::move(weights);
    }
  }
  check_pruned(zeros_of(weights_of(study.network("alone-70"), 1, 0)), 0.7);
  for (std::size_t i = 0; i < subset["s70"].size(); ++i) {  // completely subset: what a net has, the one before it has
    for (std::size_t k = 0; k < subset["s70"][i].values.size(); ++k) {
      REQUIRE((subset["s95"][i].values[k] == 0 || subset["s90"][i].values[k] != 0));
      REQUIRE((subset["s90"][i].values[k] == 0 || subset["s70"][i].values[k] != 0));
    }
  }
  const std::map<std::string, std::pair<std::int64_t, std::int64_t>> patterns{
      {"alone-nm2-4", {2, 4}}, {"nm.nm2-4", {2, 4}}, {"nm.nm7-8", {7, 8}}, {"nm.nm15-16", {15, 16}}};
  for (const auto& [name, pattern] : patterns) {
    CAPTURE(name);
    for (const Tensor<float>& layer : weights_of(study.network(name), 1, 0)) {
      const std::int64_t channels = layer.shape[1], kernel = layer.shape[2] * layer.shape[3];
      for (std::int64_t i = 0; i < layer.shape[0] * channels / pattern.second * kernel; ++i) {
        const std::int64_t group = i / kernel, place = i % kernel;
        std::int64_t zero = 0;
        for (std::int64_t k = 0; k < pattern.second; ++k)
          zero += layer.values[static_cast<std::size_t>((group * pattern.second + k) * kernel + place)] == 0 ? 1 : 0;
        REQUIRE(zero == pattern.first);
      }
    }
  }
  const std::string cost = "cost, multiply-accumulates", dense = "cost if dense";
  for (const auto& row : table.rows) CHECK(table.number({row[0]}, cost) < table.number({row[0]}, dense));
  CHECK(table.number({"joint"}, dense) == doctest::Approx(3 * table.number({"ast-gc"}, dense)).epsilon(0.01));
}

TEST_CASE("coders") {
  const Study study("coders/run", "coders_study");
  REQUIRE(study.tables.size() == (cli::build_has_succinct ? 2 : 1));
  const Table& table = study.tables[0];
  CHECK(table.rows.size() == 4);
  for (const auto& [name, share] : std::map<std::string, double>{{"sparsity90", 0.9}, {"sparsity97", 0.97}}) {
    CAPTURE(name);
    const Zeros sparsity = zeros_of(weights_of(study.network("resnet20-" + name), 0, 0));
    CHECK(sparsity.count == static_cast<std::int64_t>(std::floor(share * static_cast<double>(sparsity.all) + 1e-9)));
    CHECK(table.cell({"resnet20-" + name}, "dense") == "270.6");
    CHECK(table.number({"resnet20-" + name}, "arithmetic") < 0.2 * 270.6);
  }
  CHECK(table.cell({"resnet20-int4"}, "dense") == "135.7");  // 8 bits in the first and last layer
  for (const auto& row : table.rows) {
    CAPTURE(row[0]);
    const double rate = table.number({row[0]}, "x of float32");
    CHECK(rate > 4);
    for (const std::string coder : {"arithmetic", "csr", "huffman", "run-length"})
      CHECK(table.number({row[0]}, coder) > 0);
  }
  if (!cli::build_has_succinct) return;
  CHECK(study.tables[1].rows.size() == 4);
  for (const auto& row : study.tables[1].rows) {
    const std::string rates = study.tables[1].cell({row[0]}, "CR a/b");
    CHECK(std::stod(rates) > 1);
    CHECK(std::stod(rates.substr(rates.find('/') + 1)) > 1);
  }
}

TEST_CASE("rep-net") {
  const Study study("repnet/run", "repnet");
  REQUIRE(study.tables.size() == 1);
  const Table& table = study.tables[0];
  CHECK(table.rows.size() == 5);
  const auto memory = [&](const std::string& row) { return table.number({row}, "training memory MB"); };
  CHECK(memory("last layer") < memory("bias"));
  CHECK(memory("bias") < memory("Rep-Net, dual"));
  CHECK(memory("Rep-Net, dual") < memory("full"));
  // The backbone is in the adapted network, bit for bit; the classifier is new.
  const graph::Graph backbone = study.network("backbone"), adapted = study.network("rep-net");
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(backbone);
  for (const graph::WeightLayer& layer : layers) {
    CAPTURE(layer.name);
    const bool last = layer.name == layers.back().name;
    CHECK((adapted.float_constant(layer.weight).values == backbone.float_constant(layer.weight).values) == !last);
  }
  CHECK(graph::weight_layers(adapted).size() == layers.size() + 6);  // three modules of two convolutions
  study.check_kept();
}

TEST_CASE("progressive-freezing") {
  const Study study("ptlf/run", "ptlf");
  REQUIRE(study.tables.size() == 1);
  const Table& table = study.tables[0];
  CHECK(table.rows.size() == 2);
  CHECK(table.number({"no freezing (LUMP)"}, "backward products") == 1);
  CHECK(table.number({"freezing by correlation"}, "backward products") < 1);
  CHECK(table.number({"freezing by correlation"}, "memory, last epoch") <
        table.number({"freezing by correlation"}, "memory, mean"));
  CHECK(graph::weight_layers(study.network("ptlf-simsiam")).size() == 21);  // ResNet-20 without its classifier
  study.check_kept("learn");
}

TEST_CASE("trec") {
  const Study study("trec/run", "trec");
  REQUIRE(study.tables.size() == 3);
  CHECK(study.tables[0].rows.size() == 3);
  const Table &layers = study.tables[1], &batches = study.tables[2];
  CHECK(layers.rows.size() == 4);
  for (const std::string vectors : {"CifarNet, random vectors", "CifarNet, learned vectors"}) {
    CHECK(layers.number({vectors, "conv1"}, "H") == 15);
    CHECK(layers.number({vectors, "conv2"}, "L") == 10);
    CHECK(layers.number({vectors, "conv2"}, "r_t") < 1);
    double before = 0;
    for (const char* images : {"1", "2", "4", "8", "16", "32"}) {  // more images share more
      const double now = batches.number({vectors}, images);
      CHECK(now > before);
      before = now;
    }
  }
  CHECK(study.network("learned").properties.contains("rebasis.reuse"));
  CHECK_FALSE(study.network("plain").properties.contains("rebasis.reuse"));
  study.check_kept();
}

TEST_CASE("dynamic") {
  const Study study("dynamic/run", "dynamic_study");
  REQUIRE(study.tables.size() == 3);
  CHECK(study.tables[0].rows.size() == 2 * 5);  // accelerators, sub-nets with the dense network
  const Table& curves = study.tables[0];
  for (const std::string accelerator : {"diannao", "sparse-tensor-core"}) {
    CHECK(curves.number({"nm", accelerator, "dense"}, "faster") == 1);
    CHECK(curves.number({"nm", accelerator, "nm2-4"}, "zeros %") >= 49.9);
  }
  CHECK(curves.number({"nm", "diannao", "nm15-16"}, "faster") == 1);  // computes zeros
  CHECK(curves.number({"nm", "sparse-tensor-core", "nm15-16"}, "faster") > 1.2);
  CHECK(study.tables[1].rows.size() == 2 * 2 * 2);
  CHECK(study.tables[2].rows.size() == 2 * 3);
}
