// rebasis networks, and compress without inputs: from a name to a simulated result that says SYNTHETIC.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "../support/process.h"
#include "common/file.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using test::Outcome;
using test::run_rebasis;

namespace {

const std::string shipped = std::string(REBASIS_SOURCE_DIR) + "/workloads/networks/";

Outcome done(const std::vector<std::string>& words) {
  const Outcome outcome = run_rebasis(words);
  CAPTURE(outcome.errors);
  REQUIRE(outcome.status == 0);
  return outcome;
}

std::string provenance_of(const std::string& trace, const std::string& what) {
  const trace::TraceReader reader(trace);
  return nlohmann::json::parse(reader.metadata().provenance).at(what).get<std::string>();
}

}  // namespace

TEST_CASE("from the name of a network to a simulated result") {
  const std::string folder = test::fresh_folder("networks_named");
  CHECK(done({"networks", "list"}).output.find("resnet50 ") != std::string::npos);
  const auto shown = nlohmann::json::parse(done({"networks", "show", "resnet50", "--json"}).output);
  CHECK(shown.at("parameters") == 25557032);
  CHECK(shown.at("layers").size() == 54);

  const std::string trace = folder + "/mlp2.trace";
  const Outcome traced = done({"networks", "trace", "mlp2", "--recipe", "smartdeal-table3-mlp2", "-o", trace});
  CHECK(traced.output.starts_with("SYNTHETIC"));
  const Outcome simulated = done({"simulate", trace, "--accelerator", "smartdeal", "-o", folder + "/r.json"});
  CHECK(simulated.output.find("SYNTHETIC") != std::string::npos);
  CHECK(nlohmann::json::parse(read_file(folder + "/r.json")).at("totals").at("synthetic") == true);

  done({"compress", "mlp2", "--recipe", "smartdeal-table3-mlp2", "-o", folder + "/again.trace"});
  const trace::TraceReader first(trace), second(folder + "/again.trace");
  CHECK(first.metadata().layers.size() == 3);
  for (const std::string& tensor : first.tensor_names()) {
    const auto a = first.tensor(tensor).bytes, b = second.tensor(tensor).bytes;
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

TEST_CASE("what is exported runs, and whatever comes of it is labelled") {
  const std::string folder = test::fresh_folder("networks_exported"), onnx = folder + "/r20.onnx";
  write_file(folder + "/mine.yaml",
             "name: mine\ndescription: d\nsource: s\ninput: [1, 28, 28]\nlayers:\n"
             "  - {conv: 4, kernel: 3, stride: 2, norm: batch, act: relu}\n"
             "  - global_average_pool\n  - flatten\n  - {linear: 10}\n");
  CHECK(done({"networks", "export", folder + "/mine.yaml", "-o", onnx}).output.find("SYNTHETIC") != std::string::npos);
  done({"compress", onnx, "--recipe", "dense-int8", "--inputs", shipped + "fmnist_resnet20.input.npy", "-o",
        folder + "/real.trace"});
  CHECK(provenance_of(folder + "/real.trace", "weights") == "synthetic");
  CHECK(provenance_of(folder + "/real.trace", "activations") == "real");
  done({"compress", onnx, "--recipe", "dense-int8", "-o", folder + "/none.trace"});
  CHECK(provenance_of(folder + "/none.trace", "weights") == "synthetic");
  CHECK(provenance_of(folder + "/none.trace", "activations") == "synthetic");
  done({"compress", shipped + "fmnist_vggsmall.onnx", "--recipe", "dense-int8", "-o", folder + "/trained.trace"});
  CHECK(provenance_of(folder + "/trained.trace", "weights") == "trained");
  CHECK(provenance_of(folder + "/trained.trace", "activations") == "synthetic");
}

TEST_CASE("the table in docs/networks.md is what `rebasis networks list --markdown` prints") {
  const std::string page = read_file(std::string(REBASIS_SOURCE_DIR) + "/docs/networks.md");
  CHECK(page.find(done({"networks", "list", "--markdown"}).output) != std::string::npos);
}

TEST_CASE("what cannot be done is said") {
  CHECK(
      run_rebasis({"networks", "show", "resnet5"}).errors.find("unknown network 'resnet5'; did you mean 'resnet50'?") !=
      std::string::npos);
  CHECK(run_rebasis({"networks", "show"}).errors.find("needs a NETWORK") != std::string::npos);
  CHECK(run_rebasis({"networks", "trace", "mlp2", "-o", "x.trace"}).errors.find("needs --recipe") != std::string::npos);
  const Outcome labels = run_rebasis({"compress", "mlp2", "--recipe", "dense-int8", "--labels", "l", "-o", "x.trace"});
  CHECK(labels.status == 2);
  CHECK(labels.errors.find("without --inputs there are no images") != std::string::npos);
  const Outcome large = run_rebasis(
      {"networks", "trace", "deeplabv3plus", "--recipe", "dense-int8", "--images", "4096", "-o", "x.trace"});
  CHECK(large.status == 2);
  CHECK(large.errors.find("take fewer images") != std::string::npos);
}
