// Damaged NPY and IDX files, layer lists and results.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "report/json.h"
#include "tests/end_to_end/bad_input/bad_input.h"
#include "tests/support/process.h"
#include "tests/support/sample_result.h"
#include "workloads/io/npy.h"

using namespace rebasis;
using namespace rebasis::test;

namespace {

const std::string list =
    "network: n\nlayers:\n  - name: a\n    weights: w.npy\n    weight_scale: 0.5\n    activations: x.npy\n    stride: "
    "1\n"
    "    weight_provenance: trained\n    activation_provenance: real\n";

void make_tensors() {
  io::write_npy("w.npy", Tensor<std::int8_t>({2, 1, 2, 2}, {1, -2, 3, -4, 5, 6, 7, 8}));
  io::write_npy("x.npy", Tensor<std::uint8_t>({1, 1, 3, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 255}));
  put("list.yaml", list);
}

std::string npy(const std::string& header) {
  const std::string text = header + "\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size()) + '\0' + text;
}

std::string idx(const std::string& extents, const std::string& values) {
  return std::string("\0\0\x08\x03", 4) + extents + values;
}

}  // namespace

TEST_CASE("a damaged NPY file is refused where it is read") {
  make_tensors();
  const std::string good = content_of("w.npy");
  REQUIRE(run_rebasis({"trace", "list.yaml", "-o", "good.trace"}).status == 0);
  const std::vector<CommandCase> reading{{{"trace", "list.yaml", "-o", "out/t.trace"}, ""}, {{"inspect", "@"}, ""}};
  expect_refusal("w.npy", broken(good, 10), {reading[0]}, true);
  expect_refusal("w.npy", flipped(good, 60), reading, false);
  const std::vector<Damage> shapes{
      {"a huge extent", npy("{'descr': '|i1', 'fortran_order': False, 'shape': (4611686018427387904, 1, 2, 2), }")},
      {"extents whose product overflows",
       npy("{'descr': '|i1', 'fortran_order': False, 'shape': (4294967296, 4294967296, 2, 2), }")},
      {"a negative extent", npy("{'descr': '|i1', 'fortran_order': False, 'shape': (-1, 1, 2, 2), }")},
      {"an extent that no integer holds",
       npy("{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999999, ), }")},
      {"objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + std::string(8, 'x')}};
  expect_refusal("w.npy", shapes, reading, true);
}

TEST_CASE("a damaged IDX file is refused") {
  const std::string good = idx(std::string("\0\0\0\2\0\0\0\3\0\0\0\2", 12), std::string(12, 'x'));
  put("good.idx", good);
  REQUIRE(run_rebasis({"inspect", "good.idx"}).status == 0);
  const std::vector<Damage> damages{{"cut", good.substr(0, good.size() - 1)},
                                    {"cut in the header", good.substr(0, 9)},
                                    {"huge extents", idx(std::string(12, '\xFF'), "x")},
                                    {"damaged gzip", std::string("\x1F\x8B\x08\0\0\0\0\0\0\0xxxxxxxx", 18)}};
  expect_refusal("bad.idx", damages, {{{"inspect", "@"}, ""}}, true);
  expect_refusal("bad.idx", flipped(good, 28), {{{"inspect", "@"}, ""}}, false);
}

TEST_CASE("a damaged layer list is refused with its line") {
  make_tensors();
  const CommandCase reading{{"trace", "@", "-o", "out/t.trace"}, ""};
  std::vector<Damage> damages = broken(list, 0);
  for (std::size_t length = 0; length < list.size() - 60; length += 9)
    damages.push_back({"only " + std::to_string(length) + " bytes", list.substr(0, length)});
  const auto replaced = [](const std::string& from, const std::string& to) {
    std::string text = list;
    text.replace(text.find(from), from.size(), to);
    return Damage{from + " -> " + to, text};
  };
  damages.push_back(replaced("stride: 1", "strid: 1"));
  damages.push_back(replaced("stride: 1", "stride: 99999999999999999999"));
  damages.push_back(replaced("weight_scale: 0.5", "weight_scale: .nan"));
  damages.push_back(replaced("weights: w.npy", "weights: ../../../../dev/zero"));
  damages.push_back(replaced("weights: w.npy", "weights: x.npy"));
  damages.push_back(
      {"an alias bomb",
       "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d "
       "[*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
       "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"});
  damages.push_back({"deep nesting", std::string(20000, '[')});
  expect_refusal("bad.yaml", damages, {reading}, true);
  expect_refusal("bad.yaml", flipped(list, 80), {reading}, false);
}

TEST_CASE("a damaged accelerator file is refused") {
  make_tensors();
  REQUIRE(run_rebasis({"trace", "list.yaml", "-o", "good.trace"}).status == 0);
  std::vector<Damage> damages = broken("", 0);
  damages.push_back({"an unknown key", "model: smartdeal\nno_such_key: 3\n"});
  damages.push_back({"an open bracket", "model: [\n"});
  expect_refusal("bad.yaml", damages, {{{"simulate", "good.trace", "--accelerator", "@", "-o", "out/r.json"}, ""}},
                 true);
}

TEST_CASE("a damaged result is refused") {
  report::write_result_json(sample_result({.layers = 2}), "good.json");
  REQUIRE(run_rebasis({"inspect", "good.json"}).status == 0);
  std::string good = content_of("good.json");
  good.pop_back();  // the line break at its end is not missed
  const std::vector<CommandCase> reading{{{"inspect", "@"}, ""}, {{"report", "@", "--csv", "out/r.csv"}, ""}};
  expect_refusal("bad.json", broken(good, 10), reading, true);
  expect_refusal("bad.json", flipped(good, 40), reading, false);
}
