// Which files belong together, and which trace an accelerator gets.
#include "cli/compare/networks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/errors.h"

using namespace rebasis;
using cli::choose_trace;
using cli::ComparedNetwork;
using cli::GivenTrace;
using cli::group_networks;

namespace {

GivenTrace given(const std::string& path, const std::string& network, const std::string& recipe,
                 const std::string& sha = "1", const std::string& inputs = "i", long long images = 1) {
  return {path, network, sha, inputs, recipe, images, recipe == "dense-int8" || recipe == "pruned-int8"};
}

}  // namespace

TEST_CASE("traces of one network are grouped by name and checksum, in the order of the command line") {
  const auto networks = group_networks(
      {}, {given("b1", "b", "smartdeal"), given("a1", "a", "smartdeal", "2"), given("b2", "b", "dense-int8")});
  REQUIRE(networks.size() == 2);
  CHECK(networks[0].name == "b");
  CHECK(networks[0].traces.size() == 2);
  CHECK(networks[1].traces[0].path == "a1");
}

TEST_CASE("a trace joins the network that it was made from") {
  const ComparedNetwork onnx{"a", "x/a.onnx", "1", {}};
  const auto networks = group_networks({onnx}, {given("t", "a", "smartdeal")});
  REQUIRE(networks.size() == 1);
  CHECK(networks[0].traces.size() == 1);
  CHECK(test::bad_input([&] { (void)group_networks({onnx}, {given("t", "a", "smartdeal", "2")}); }) ==
        "t: is of another network that is called a too; rename one and compress again");
  CHECK(test::bad_input([&] {
          (void)group_networks({onnx, {"a", "y/a.onnx", "3", {}}}, {});
        }) == "y/a.onnx: and x/a.onnx have the same name; rename one");
}

TEST_CASE("traces that are not comparable are refused") {
  const auto message = [](const GivenTrace& second) {
    return test::bad_input([&] { (void)group_networks({}, {given("t1", "a", "smartdeal"), second}); });
  };
  CHECK(message(given("t2", "a", "smartdeal")) ==
        "t2: and t1 are traces of a with the recipe smartdeal; give one of them");
  const std::string inputs =
      "t2: and t1 are traces of a on different input images; compress with the same --inputs and --trace-images";
  CHECK(message(given("t2", "a", "dense-int8", "1", "other")) == inputs);
  CHECK(message(given("t2", "a", "dense-int8", "1", "i", 2)) == inputs);
  CHECK(message(given("t2", "a", "dense-int8", "1", "")) == "(no error)");  // a trace made by hand says nothing
  CHECK(message(given("t2", "a", "dense-int8", "")) == "(no error)");
}

TEST_CASE("an accelerator gets its recipe, then a variant of it, then the first trace with a note") {
  ComparedNetwork network{
      "a",
      "",
      "1",
      {given("t1", "a", "dense-int8"), given("t2", "a", "smartdeal-rows"), given("t3", "a", "pruned-int8")}};
  CHECK(choose_trace(network, "x", "pruned-int8").given->path == "t3");
  CHECK(choose_trace(network, "x", "pruned-int8").note.empty());
  CHECK(choose_trace(network, "x", "smartdeal").given->path == "t2");
  CHECK(choose_trace(network, "x", "smartdeal").note ==
        "x was made for the recipe smartdeal; of a it ran the trace with smartdeal-rows");
  std::rotate(network.traces.begin(), network.traces.begin() + 1, network.traces.end());  // rows, pruned, dense
  CHECK(choose_trace(network, "x", "ternary-pe").given->path == "t1");  // one that every accelerator can read
  CHECK(choose_trace(network, "x", "ternary-pe").note ==
        "x was made for the recipe ternary-pe; of a it ran the trace with dense-int8");
  network.traces.pop_back();
  CHECK(choose_trace(network, "x", "ternary-pe").given->path == "t3");
  network.traces.pop_back();
  CHECK(choose_trace(network, "x", "ternary-pe").given->path == "t2");
  CHECK(choose_trace(network, "x", "").given->path == "t2");
}

TEST_CASE("a network is compressed when no trace has the recipe") {
  const ComparedNetwork network{"a", "a.onnx", "1", {given("t1", "a", "dense-int8")}};
  CHECK(choose_trace(network, "x", "dense-int8").given->path == "t1");
  CHECK(choose_trace(network, "x", "smartdeal").given == nullptr);
  CHECK(choose_trace(network, "x", "smartdeal").note.empty());
  CHECK(test::bad_input([&] { (void)choose_trace(network, "mine", ""); }) ==
        "mine: its file does not say for which compression it was made; add recipe: NAME to it, or give --recipe "
        "mine=NAME");
}
