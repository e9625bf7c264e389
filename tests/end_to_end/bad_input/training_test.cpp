// Training that cannot be: refused or stopped with the reason, through the real command, and nothing half-written.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/training_folder.h"

using namespace rebasis;
using namespace rebasis::test::tiny;
using test::Outcome;
using test::run_rebasis;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Folder : TrainingFolder {
  using TrainingFolder::TrainingFolder;

  /// Status 2, the reason on standard error, no network and no temporary.
  void check_refused(const Outcome& outcome, const std::string& reason) const {
    CHECK_MESSAGE(outcome.status == 2, outcome.errors);
    CHECK_MESSAGE(has(outcome.errors, reason), outcome.errors);
    for (const auto& file : fs::directory_iterator(path)) {
      const std::string name = file.path().filename().string();
      CAPTURE(name);
      CHECK(
          (name == "net.onnx" || name == "x.npy" || name == "y.npy" || name == "r.yaml" || name.starts_with("kept.")));
    }
  }
};

const std::string short_run = "epochs: 2\nbatch_size: 10\nlearning_rate: 0.01\n";

}  // namespace

TEST_CASE("recipes that name a missing layer, an impossible ratio or a senseless order are refused at their line") {
  const Folder folder("bad_training_recipes");
  const auto refused = [&](const std::string& method, const std::string& reason) {
    CAPTURE(method);
    folder.check_refused(folder.train(short_run + "methods:\n  - " + method + "\n",
                                      {"--history", folder.path + "/h.json", "--report", folder.path + "/h.html"}),
                         reason);
  };
  refused("prune: {leave: [c_node, layer7]}", "r.yaml:5: ");
  refused("prune: {leave: layer7}", "the network has no layer layer7; 'rebasis inspect'");
  refused("prune: {sparsity: 1.5}", "r.yaml:5: ");
  refused("prune: {sparsity: 1}", "leaves nothing");
  refused("pe_groups: {sparsity: -0.1}", "r.yaml:5: ");
  refused("quantise: {bits: 0}", "r.yaml:5: ");
  refused("quantise\n  - ternary", "r.yaml:6: ternary and quantise of line 5 both decide");
  refused("ternary\n  - prune", "r.yaml:6: prune comes after ternary of line 5");
  refused("quantize", "quantise");
  const auto refused_value = [&](const std::string& assignment, const std::string& reason) {
    CAPTURE(assignment);
    folder.check_refused(folder.train(short_run + "methods: [prune]\n", {"--set", assignment}), reason);
  };
  refused_value("prune.sparsity=1.5", "--set prune.sparsity=1.5: ");
  refused_value("prune.leave=layer7", "layer7");
  refused_value("quantise.bits=4", "unknown key");
  refused_value("epochs=-1", "--set epochs=-1: ");
}

TEST_CASE("labels that do not match, and a loss that is not finite, stop with the reason") {
  Folder folder("bad_training_data");
  folder.data.labels[7] = classes;
  folder.check_refused(folder.train(short_run), "labels of this network");
  folder.data = stripes();
  folder.data.labels.pop_back();
  folder.check_refused(folder.train(short_run), "59");
  folder.data = stripes();
  std::fill_n(folder.data.images.values.begin(), test::tiny::size * test::tiny::size, 3e38F);  // sums of these overflow
  folder.check_refused(folder.train(short_run + "methods:\n  - quantise: {bits: 4, range: learned}\n",
                                    {"--history", folder.path + "/kept.json"}),
                       "is not finite");
}

TEST_CASE(
    "a checkpoint of another network is refused and left as it is; outputs that cannot be written cost no training") {
  const Folder folder("bad_training_files");
  const std::string checkpoint = folder.path + "/kept.ckpt";
  const Outcome good = folder.train(short_run, {"--checkpoint", checkpoint});
  REQUIRE_MESSAGE(good.status == 0, good.errors);
  fs::remove(folder.path + "/out.onnx");
  const auto size = fs::file_size(checkpoint);
  test::OnnxModel other;
  other.input("x", {1, 1, test::tiny::size, test::tiny::size});
  other.initialiser("w", test::noise({classes, 36}, 4));
  other.node("Flatten", {"x"}, {"f"});
  test::set(other.node("Gemm", {"f", "w"}, {"y"}), "transB", std::int64_t{1});
  other.output("y");
  other.write(folder.path + "/net.onnx");
  folder.check_refused(folder.train(short_run, {"--checkpoint", checkpoint}), "kept.ckpt: cannot be resumed");
  CHECK(fs::file_size(checkpoint) == size);
  write_network(folder.path + "/net.onnx");
  for (const std::string option : {"--history", "--report"}) {
    CAPTURE(option);
    folder.check_refused(folder.train("epochs: 100000\nbatch_size: 10\n", {option, folder.path + "/missing/file"}),
                         "missing/file");
  }
}

TEST_CASE("a history and its page are written, and rebasis report makes the page of several") {
  const Folder folder("training_history");
  const std::string history = folder.path + "/naive.json", page = folder.path + "/page.html";
  const Outcome outcome = folder.train(short_run + "methods:\n  - pe_groups: {keep_first_last: false}\n",
                                       {"--history", history, "--report", page, "--test-inputs", folder.path + "/x.npy",
                                        "--test-labels", folder.path + "/y.npy"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(fs::file_size(page) > 100'000);
  const Outcome both = run_rebasis({"report", history, history, "--html", folder.path + "/both.html"});
  REQUIRE_MESSAGE(both.status == 0, both.errors);
  CHECK(fs::file_size(folder.path + "/both.html") > 100'000);
  const Outcome table = run_rebasis({"report", history});
  CHECK(table.status == 2);
  CHECK(has(table.errors, "give --html FILE"));
  const Outcome mixed = run_rebasis({"report", history, folder.path + "/r.yaml", "--html", page});
  CHECK(mixed.status == 2);
  CHECK(has(mixed.errors, "is no training history"));
  const Outcome list = run_rebasis({"list", "training-recipes"});
  CHECK(list.status == 0);
  for (const char* name :
       {"ternary-pe", "yang-table3-wpc", "yang-table6-pe1", "succinct-table1-sparsity97", "succinct-table2-int2"})
    CHECK(has(list.output, name));
}
