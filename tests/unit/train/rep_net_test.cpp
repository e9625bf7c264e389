// Rep-Net, last-layer and bias training: where the side network is connected, what is frozen, what a step keeps.
#include <torch/csrc/autograd/generated/Functions.h>

#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/run/executor.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/side_network.h"
#include "workloads/train/training_costs.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

constexpr std::int64_t channels = 4;

/// 6x6: conv, batch-norm, ReLU; 3x3: residual block of stride 2; 1x1: mean; Gemm.
struct Residual {
  std::string path = "residual." + std::to_string(getpid()) + ".onnx";
  Residual() {
    test::OnnxModel model;
    model.input("x", {1, 1, size, size});
    layer(model, "x", "c1", 1, 3, 1);
    model.node("Relu", {"c1n"}, {"r1"});
    layer(model, "r1", "c2", channels, 3, 2);
    model.node("Relu", {"c2n"}, {"r2"});
    layer(model, "r2", "c3", channels, 3, 1);
    layer(model, "r1", "s", channels, 1, 2);
    model.node("Add", {"c3n", "sn"}, {"a"});
    model.node("Relu", {"a"}, {"r3"});
    model.node("GlobalAveragePool", {"r3"}, {"p"});
    model.node("Flatten", {"p"}, {"f"});
    model.initialiser("v", test::noise({classes, channels}, 9));
    model.initialiser("b", Tensor<float>({classes}, {0, 0, 0}));
    test::set(model.node("Gemm", {"f", "v", "b"}, {"y"}), "transB", std::int64_t{1});
    model.output("y");
    model.write(path);
  }
  Residual(const Residual&) = delete;
  Residual& operator=(const Residual&) = delete;
  ~Residual() { std::filesystem::remove(path); }

  static void layer(test::OnnxModel& model, const std::string& from, const std::string& name, std::int64_t in,
                    std::int64_t kernel, std::int64_t stride) {
    model.initialiser(name + ".w", test::noise({channels, in, kernel, kernel}, static_cast<unsigned>(name[1])));
    for (const auto& [part, value] : {std::pair{".g", 1.0F}, {".h", 0.1F}, {".m", 0.05F}, {".v", 1.5F}})
      model.initialiser(name + part, Tensor<float>({channels}, std::vector<float>(channels, value)));
    auto& conv = model.node("Conv", {from, name + ".w"}, {name});
    test::set(conv, "pads", std::vector<std::int64_t>(4, kernel / 2));
    test::set(conv, "strides", std::vector<std::int64_t>{stride, stride});
    model.node("BatchNormalization", {name, name + ".g", name + ".h", name + ".m", name + ".v"}, {name + "n"});
  }
  [[nodiscard]] graph::Graph graph() const {
    graph::ImportOptions options;
    options.fold_batch_norms = false;
    return graph::import_onnx(path, options);
  }
};

const graph::Node& node_of(const graph::Graph& graph, const std::string& output) {
  const graph::Node* const node = graph.producer(output);
  REQUIRE(node != nullptr);
  return *node;
}

using Inputs = std::vector<std::string>;

/// The inputs of a node without its constants.
Inputs read_by(const graph::Graph& graph, const std::string& output) {
  Inputs inputs = node_of(graph, output).inputs;
  std::erase_if(inputs, [&](const std::string& input) { return graph.is_constant(input); });
  return inputs;
}

train::TrainResult trained_with(const Residual& network, const std::string& methods, const std::string& more = "") {
  return train::train(
      network.graph(),
      recipe("epochs: 20\nbatch_size: 10\nlearning_rate: 0.05\n" + more + "methods: [" + methods + "]\n"), stripes());
}

/// What libtorch's backward pass needs of activations, found by walking its own record: values that it saved for a
/// gradient that it will compute.
class Record {
 public:
  explicit Record(const at::Tensor& result) { visit(result.grad_fn().get()); }
  std::map<void*, std::int64_t> kept;   ///< storage -> values
  std::map<void*, std::int64_t> signs;  ///< outputs of rectifiers

 private:
  static void note(std::map<void*, std::int64_t>& into, const at::Tensor& tensor) {
    into[tensor.storage().data()] = tensor.numel();
  }
  void visit(torch::autograd::Node* node) {
    namespace generated = torch::autograd::generated;
    if (node == nullptr || !seen_.insert(node).second) return;
    if (auto* const conv = dynamic_cast<generated::ConvolutionBackward0*>(node)) {
      if (conv->should_compute_output(1)) note(kept, conv->input_.unpack());
    } else if (auto* const norm = dynamic_cast<generated::NativeBatchNormBackward0*>(node)) {
      if (norm->should_compute_output(1)) note(kept, norm->input_.unpack());
    } else if (auto* const product = dynamic_cast<generated::MmBackward0*>(node)) {
      if (product->should_compute_output(1)) note(kept, product->self_.unpack());
    } else if (auto* const relu = dynamic_cast<generated::ReluBackward0*>(node)) {
      note(signs, relu->result_.unpack(node->shared_from_this()));
    }
    for (const torch::autograd::Edge& edge : node->next_edges()) visit(edge.function.get());
  }
  std::set<torch::autograd::Node*> seen_;
};

}  // namespace

TEST_CASE("junctions are what all later features depend on, behind their activation functions") {
  const Residual network;
  const auto found = train::junctions(network.graph());
  REQUIRE(found.size() == 3);
  CHECK(found[0].value == "r1");  // not c1 or c1n; nothing inside the block
  CHECK(found[1].value == "r3");
  CHECK(found[2].value == "p");
  CHECK(found[1].height == 3);
  const auto chosen = train::places(network.graph(), "down_sampling");
  REQUIRE(chosen.size() == 2);
  CHECK(chosen[0].value == "r3");
  CHECK(chosen[1].value == "p");
  CHECK(train::places(network.graph(), "all").size() == 3);
}

TEST_CASE("connectors go where Figure 18 has them") {
  const Residual network;
  const auto extended = [&](const std::string& connector) {
    graph::Graph graph = network.graph();
    CHECK(train::add_side_network(graph, {connector, "down_sampling", 1, 3, 1}) == 2);
    return graph;
  };
  const std::string first = "rep_net.1.connector", last = "rep_net.2.connector", p1 = "rep_net.1.norm2";
  struct Case {
    std::string connector, backbone_reads, side_reads;
    bool has_first;
  };
  for (const Case& c : {Case{"dual", first, first, true}, Case{"down", first, p1, true}, Case{"up", "r3", first, true},
                        Case{"none", "r3", p1, false}}) {
    CAPTURE(c.connector);
    const graph::Graph graph = extended(c.connector);
    CHECK(read_by(graph, "p") == Inputs{c.backbone_reads});
    CHECK(read_by(graph, "rep_net.2.pool") == Inputs{c.side_reads});
    CHECK((graph.producer(first) != nullptr) == c.has_first);
    if (c.has_first) CHECK(read_by(graph, first) == Inputs{"r3", p1});
    CHECK(read_by(graph, last) == Inputs{"p", "rep_net.2.norm2"});
    CHECK(read_by(graph, "f") == Inputs{last});  // every design ends in front of the classifier
    CHECK(read_by(graph, "rep_net.1.pool") == Inputs{"x"});
    CHECK(read_by(graph, "rep_net.1.conv1") == Inputs{"rep_net.1.pool"});
  }
  // 6 -> 3 by steps of two; one channel becomes eight, the fewest.
  const graph::Graph graph = extended("dual");
  CHECK(graph.shapes.at("rep_net.1.pool") == Shape{1, 1, 3, 3});
  CHECK(graph.shapes.at("rep_net.1.conv1") == Shape{1, 8, 3, 3});
  CHECK(graph.shapes.at(p1) == Shape{1, channels, 3, 3});
  CHECK(graph.float_constant("rep_net.2.conv1.weight").shape == Shape{8, channels, 1, 1});
}

TEST_CASE("an untrained side network changes nothing; trained, backbone and its statistics keep their bits") {
  const Residual network;
  const graph::Graph before = network.graph();
  const io::Inputs data = stripes();
  for (const std::string connector : {"dual", "down", "up", "none"}) {
    CAPTURE(connector);
    graph::Graph start = before;
    train::add_side_network(start, {connector, "down_sampling", 0.25, 3, 1});
    const auto a = run::Executor(before).run_all(data.images), b = run::Executor(start).run_all(data.images);
    CHECK(a[0].values == b[0].values);
    const train::TrainResult result =
        trained_with(network, "rep_net: {connector: " + connector + "}", "micro_batches: 3\n");
    REQUIRE(result.graph);
    CHECK(result.epochs.back().loss < result.epochs.front().loss);
    std::size_t changed = 0;
    for (const auto& [name, value] : result.networks[0].constants) {
      CAPTURE(name);
      const bool may = name.starts_with("rep_net.") || name == "v" || name == "b";
      const bool same = value.values == result.graph->float_constant(name).values;
      if (!may) CHECK(same);
      changed += same ? 0 : 1;
    }
    CHECK(changed > 10);  // weights, scales, shifts, statistics of two modules; the classifier
  }
}

TEST_CASE("the written file of a Rep-Net computes what training left, folded or not, and can be trained again") {
  const Residual network;
  const train::TrainResult result = trained_with(network, "rep_net: {places: all}");
  const File file("rep_net.onnx");
  graph::write_changed(*result.graph, result.networks[0].constants, {{"note", "side"}}, file.path);
  graph::ImportOptions unfolded;
  unfolded.fold_batch_norms = false;
  const graph::Graph again = graph::import_onnx(file.path, unfolded);
  train::TrainableNetwork left(*result.graph);
  {
    const at::NoGradGuard no_gradients;
    const auto& names = left.parameter_names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& values = result.networks[0].constants.at(names[i]).values;
      left.parameters()[i].detach().copy_(at::tensor(values).view(left.parameters()[i].sizes()));
    }
    for (const auto& [name, tensor] : left.statistics())
      at::Tensor(tensor).copy_(at::tensor(result.networks[0].constants.at(name).values));
  }
  const io::Inputs data = stripes();
  std::vector<float> images = data.images.values;
  const at::Tensor expected =
      left.forward(at::from_blob(images.data(), data.images.shape), false).detach().contiguous();
  const auto written = run::Executor(again).run_all(data.images)[0];
  const auto folded = run::Executor(graph::import_onnx(file.path)).run_all(data.images)[0];
  double largest = 0;
  for (std::size_t i = 0; i < written.values.size(); ++i) {
    CHECK(written.values[i] == doctest::Approx(expected.data_ptr<float>()[i]).epsilon(1e-5));
    largest = std::max(largest, std::abs(double{folded.values[i]} - double{written.values[i]}));
  }
  CHECK(largest < 1e-4);
  const train::TrainResult more = train::train(again, recipe(std::string(plain) + "methods: [rep_net]\n"), stripes());
  CHECK_FALSE(more.graph);  // it has its side network
  CHECK(more.networks[0].constants.at("c1.w").values == network.graph().float_constant("c1.w").values);
}

TEST_CASE("last_layer and bias train what they say") {
  const Residual network;
  const auto moved = [&](const std::string& method) {
    std::set<std::string> names;
    const graph::Graph before = network.graph();
    const train::TrainResult result = trained_with(network, method);
    for (const auto& [name, value] : result.networks[0].constants) {
      if (value.values != before.float_constant(name).values) names.insert(name);
    }
    return names;
  };
  CHECK(moved("last_layer") == std::set<std::string>{"b", "v"});
  CHECK(moved("bias") == std::set<std::string>{"b", "c1.h", "c2.h", "c3.h", "s.h", "v"});
}

TEST_CASE("activations kept and products, by hand and as libtorch's own record has them") {
  const Residual network;
  const std::int64_t n = 10, plane = 36, small = 9, c = channels;
  const auto costs = [&](const graph::Graph& graph, const std::string& method) {
    const train::Recipe r = recipe(std::string(plain) + (method.empty() ? "" : "methods: [" + method + "]\n"));
    graph::Graph extended = graph;
    train::MethodChain::extend(r, extended);
    train::TrainableNetwork model(extended);
    const train::MethodChain methods(r, model);
    const train::TrainingCosts computed = train::training_costs(extended, model.trained_names(), n);
    std::vector<float> images = stripes().images.values;
    const Record record(model.forward(at::from_blob(images.data(), {n, 1, size, size}).clone(), true));
    std::int64_t kept = 0, signs = 0;
    for (const auto& [storage, values] : record.kept) kept += values;
    for (const auto& [storage, values] : record.signs) signs += record.kept.contains(storage) ? 0 : values;
    CAPTURE(method);
    CHECK(computed.kept == kept);
    CHECK(computed.kept_bits == signs);
    return computed;
  };
  const graph::Graph plain_graph = network.graph();
  const std::int64_t conv1 = 9 * c * plane, conv2 = 9 * c * c * small, shortcut = c * c * small, last = c * classes;
  const train::TrainingCosts full = costs(plain_graph, "");
  // x, c1, r1 (twice read, kept once), c2, r2, c3, s, f; the signs of r3, whose mean the classifier keeps.
  CHECK(full.kept == n * (plane + 2 * c * plane + 4 * c * small + c));
  CHECK(full.kept_bits == n * c * small);
  CHECK(full.forward_macs == n * (conv1 + 2 * conv2 + shortcut + last));
  CHECK(full.backward_weight_macs == full.forward_macs);
  CHECK(full.backward_data_macs == full.forward_macs - n * conv1);
  CHECK(full.parameters == 9 * c + 2 * 9 * c * c + c * c + 4 * 2 * c + c * classes + classes);
  CHECK(full.trained == full.parameters);
  const train::TrainingCosts head = costs(plain_graph, "last_layer");
  CHECK(head.kept == n * c);
  CHECK(head.kept_bits == 0);
  CHECK(head.backward_macs() == n * last);
  const train::TrainingCosts shifts = costs(plain_graph, "bias");
  CHECK(shifts.kept == n * c);
  CHECK(shifts.kept_bits == n * (c * plane + 2 * c * small));
  CHECK(shifts.backward_data_macs == full.backward_data_macs);
  CHECK(shifts.trained == 4 * c + c * classes + classes);
  // Additive connectors: of the backbone nothing is kept but the signs of the rectifiers behind the first connector.
  const train::TrainingCosts side = costs(plain_graph, "rep_net");
  const std::int64_t module1 = 1 * small + 8 * small + 8 * small + c * small, module2 = c + 8 + 8 + c;
  CHECK(side.kept == n * (module1 + module2 + c));
  CHECK(side.kept_bits == 0);
  CHECK(side.kept < full.kept);
  CHECK(costs(plain_graph, "rep_net: {places: all}").kept_bits == n * 2 * c * small);
}

TEST_CASE("what cannot be adapted is refused") {
  const Residual network;
  const auto message = [&](const std::string& methods) {
    return test::bad_input([&] { (void)trained_with(network, methods); });
  };
  CHECK(message("rep_net: {connector: both}").find("dual") != std::string::npos);
  CHECK(message("rep_net: {kernel: 2}").find("odd") != std::string::npos);
  CHECK(message("bias: {rate: 2}").find("unknown") != std::string::npos);
  CHECK(message("last_layer, ternary").find("keep one of them") != std::string::npos);
  CHECK(message("rep_net, bias").find("keep one of them") != std::string::npos);
  test::OnnxModel model;
  model.input("x", {1, 1, size, size});
  model.initialiser("v", test::noise({classes, size * size}, 1));
  model.node("Flatten", {"x"}, {"f"});
  test::set(model.node("Gemm", {"f", "v"}, {"y"}), "transB", std::int64_t{1});
  model.output("y");
  const File flat("flat.onnx");
  model.write(flat.path);
  CHECK(test::bad_input([&] {
          (void)train::train(graph::import_onnx(flat.path), recipe(std::string(plain) + "methods: [rep_net]\n"),
                             stripes());
        }).find("network of convolutions") != std::string::npos);
}
