// Every rule of the format broken once, in a file that is otherwise right.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "common/error.h"
#include "common/file.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"
#include "tests/support/trace_parts.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using nlohmann::json;

namespace {

constexpr const char* ok = "(no error)";

using Parts = test::TraceParts;

std::string sample() {
  test::write_sample_trace("sample.trace");
  return read_file("sample.trace");
}

/// What the reader says about `file`: open, then check every layer.
std::string verdict(const std::string& file) {
  std::ofstream("hostile.trace", std::ios::binary) << file;  // not write_file: thousands of syncs take seconds
  return test::bad_input([] {
    const trace::TraceReader reader("hostile.trace");
    for (const auto& layer : reader.metadata().layers) reader.check_layer(layer);
  });
}

struct Case {
  std::string message;  ///< must occur in what the reader says
  std::function<void(Parts&)> damage;
};

std::string verdict(const Case& one, const std::string& file) {
  Parts parts(file);
  const json layers = parts.layers;
  one.damage(parts);
  if (parts.layers != layers) parts.meta()["layers"] = parts.layers.dump();
  if (parts.header.contains("__metadata__")) parts.sign();
  return verdict(parts.assembled());
}

std::string ternary_sample() {
  test::write_ternary_trace("sample.trace");
  return read_file("sample.trace");
}

void check(const std::vector<Case>& cases, const std::string& file = sample()) {
  CHECK(verdict({"", [](Parts&) {}}, file) == ok);
  for (const Case& one : cases) {
    const std::string said = verdict(one, file);
    CHECK_MESSAGE(said.find("hostile.trace: ") == 0, one.message << " <- " << said);
    CHECK_MESSAGE(said.find(one.message) != std::string::npos, one.message << " <- " << said);
  }
}

}  // namespace

TEST_CASE("damage to the container is found") {
  check({
      {"overlaps the tensor before it",
       [](Parts& p) {
         for (auto& offset : p.tensor("conv1/weight_scale")["data_offsets"]) offset = offset.get<int>() - 4;
       }},
      {"leaves a gap", [](Parts& p) { p.header.erase("conv1/bias"); }},
      {"has 8 bytes; its shape and type need 12", [](Parts& p) { p.tensor("conv1/bias")["shape"] = {3}; }},
      {"has 8 bytes; its shape and type need 16", [](Parts& p) { p.tensor("conv1/bias")["dtype"] = "I64"; }},
      {"more than 8589934592 elements",
       [](Parts& p) {
         p.tensor("conv1/bias")["shape"] = {std::int64_t{1} << 62, 16};
       }},
      {"more than 8589934592 elements",
       [](Parts& p) {
         p.tensor("conv1/bias")["shape"] = {std::int64_t{1} << 40, std::int64_t{1} << 40};
       }},
      {"an integer from 0", [](Parts& p) { p.tensor("conv1/bias")["shape"] = {-2}; }},
      {"an integer from 0", [](Parts& p) { p.tensor("conv1/bias")["shape"] = {2.5}; }},
      {"an integer from 0", [](Parts& p) { p.tensor("conv1/bias")["shape"] = {UINT64_MAX}; }},
      {"more than 8 elements", [](Parts& p) { p.tensor("conv1/bias")["shape"] = {2, 1, 1, 1, 1, 1, 1, 1, 1}; }},
      {"type BF16 is not used", [](Parts& p) { p.tensor("conv1/bias")["dtype"] = "BF16"; }},
      {"\"dtype\" is missing", [](Parts& p) { p.tensor("conv1/bias").erase("dtype"); }},
      {"ends before it begins",
       [](Parts& p) {
         p.tensor("conv1/bias")["data_offsets"] = {8, 0};
       }},
      {"needs two numbers", [](Parts& p) { p.tensor("conv1/bias")["data_offsets"] = {8}; }},
      {"an object is needed", [](Parts& p) { p.tensor("conv1/bias") = 3; }},
      {"truncated", [](Parts& p) { p.data.pop_back(); }},
      {"1 bytes follow the last tensor", [](Parts& p) { p.data += 'x'; }},
      {"\"format\" is number", [](Parts& p) { p.meta()["format"] = 1; }},
      {"nested deeper", [](Parts& p) { p.tensor("x") = json::parse(std::string(50, '[') + std::string(50, ']')); }},
      {"is not aligned",
       [](Parts& p) {
         p.data.insert(p.data.begin(), 'x');
         for (auto& [name, tensor] : p.header.items()) {
           if (name == "__metadata__") continue;
           for (auto& offset : tensor["data_offsets"]) offset = offset.get<int>() + 1;
         }
         p.header["x"] = {{"dtype", "U8"}, {"shape", {1}}, {"data_offsets", {0, 1}}};
       }},
  });
}

TEST_CASE("damage to the metadata is found") {
  check({
      {"a safetensors file but no trace", [](Parts& p) { p.header.erase("__metadata__"); }},
      {"a safetensors file but no trace", [](Parts& p) { p.meta()["format"] = "pt"; }},
      {"schema version 2; this rebasis reads version 1",
       [](Parts& p) {
         p.meta()["schema"] = "2";
         p.meta().erase("layers");
       }},
      {"has no \"layers\"", [](Parts& p) { p.meta().erase("layers"); }},
      {"has no layers", [](Parts& p) { p.meta()["layers"] = "[]"; }},
      {"not valid JSON", [](Parts& p) { p.meta()["layers"] = "[{]"; }},
      {"nested deeper", [](Parts& p) { p.meta()["provenance"] = std::string(100'000, '['); }},
      {"provenance: is array", [](Parts& p) { p.meta()["provenance"] = "[]"; }},
      {"has no checksum", [](Parts& p) { p.meta()["sha256"] = "{}"; }},
      {"has a checksum but no data",
       [](Parts& p) {
         json sums = json::parse(p.meta()["sha256"].get<std::string>());
         sums["other"] = "";
         p.meta()["sha256"] = sums.dump();
       }},
      {"two layers named \"conv1\"", [](Parts& p) { p.layers[1]["name"] = "conv1"; }},
      {"follows \"other\", which is no layer",
       [](Parts& p) {
         json list = json::parse(p.meta()["auxiliary"].get<std::string>());
         list[0]["after"] = "other";
         p.meta()["auxiliary"] = list.dump();
       }},
      {"\"op\" is \"pool\"; one of conv, fc is needed", [](Parts& p) { p.layers[0]["op"] = "pool"; }},
      {"\"M\" is 0; an integer from 1 to 1048576", [](Parts& p) { p.layers[0]["shape"]["M"] = 0; }},
      {"\"H\" is -4; an integer", [](Parts& p) { p.layers[0]["shape"]["H"] = -4; }},
      {"\"stride\"",
       [](Parts& p) {
         p.layers[0]["shape"]["stride"] = {0, 1};
       }},
      {"\"stride\" needs 2", [](Parts& p) { p.layers[0]["shape"]["stride"] = {1}; }},
      {"groups is 2; it must divide", [](Parts& p) { p.layers[0]["shape"]["groups"] = 2; }},
      {"has no output", [](Parts& p) { p.layers[0]["shape"]["R"] = 7; }},
      {"fully-connected layer needs R = S = 1", [](Parts& p) { p.layers[0]["op"] = "fc"; }},
      {"too large to simulate",
       [](Parts& p) {
         p.layers[0]["shape"].update({{"M", 1 << 20}, {"C", 1 << 20}});
       }},
      {"too large to simulate",
       [](Parts& p) {
         p.layers[0]["shape"].update({{"H", 1 << 16}, {"W", 1 << 16}, {"M", 512}});
       }},
      {"\"bits\" is 17", [](Parts& p) { p.layers[0]["activations"]["bits"] = 17; }},
      {"is U8 [2, 3, 4, 5]; U16 [2, 3, 4, 5] is needed", [](Parts& p) { p.layers[0]["activations"]["bits"] = 9; }},
      {"is I8 [2, 4, 1, 1]; I16 [2, 4, 1, 1] is needed", [](Parts& p) { p.layers[1]["activations"]["bits"] = 16; }},
      {"an activation needs more than 7 bits", [](Parts& p) { p.layers[0]["activations"]["bits"] = 7; }},
      {"an activation needs more than 7 bits", [](Parts& p) { p.layers[1]["activations"]["bits"] = 7; }},
      {"the activation scale must be", [](Parts& p) { p.layers[0]["activations"]["scale"] = -1.0; }},
      {"is U8 [2, 3, 4, 5]; I8 [2, 3, 4, 5] is needed", [](Parts& p) { p.layers[0]["activations"]["signed"] = true; }},
      {"has 2 images, the first layer 1", [](Parts& p) { p.layers[0]["images"] = 1; }},
      {"is U8 [2, 3, 4, 5]; U8 [1, 3, 4, 5] is needed",
       [](Parts& p) { p.layers[0]["images"] = p.layers[1]["images"] = 1; }},
      {"\"conv1x/activations\" is missing",
       [](Parts& p) {
         p.layers[0]["name"] = "conv1x";
         p.meta()["auxiliary"] = "[]";
       }},
      {"control characters", [](Parts& p) { p.layers[0]["name"] = "conv\n1"; }},
  });
}

TEST_CASE("damage to the SmartDeal form is found") {
  check({
      {"\"n\" is 0", [](Parts& p) { p.layers[1]["smartdeal"]["n"] = 0; }},
      {"it must be S = 1", [](Parts& p) { p.layers[1]["smartdeal"]["rows_are_kernel_rows"] = true; }},
      {"its shape needs 2",
       [](Parts& p) {
         p.layers[1]["smartdeal"].update({{"rows", 3}, {"slice_rows", {3}}});
       }},
      {"slice_rows sum to 1", [](Parts& p) { p.layers[1]["smartdeal"]["slice_rows"] = {1}; }},
      {"0 slices", [](Parts& p) { p.layers[1]["smartdeal"]["slice_rows"] = json::array(); }},
      {"the exponents must ascend",
       [](Parts& p) {
         p.layers[1]["smartdeal"]["exponents"] = {0, 0};
       }},
      {"\"exponents\": an integer from -126 to 126",
       [](Parts& p) {
         p.layers[1]["smartdeal"]["exponents"] = {0, 127};
       }},
      {"the exponents span 60 powers of two",
       [](Parts& p) {
         p.layers[1]["smartdeal"]["exponents"] = {-30, 30};
       }},
      {"needs 1 to 63 exponents", [](Parts& p) { p.layers[1]["smartdeal"]["exponents"] = json::array(); }},
      {"code_lengths\" is U8 [4]; U8 [6] is needed",
       [](Parts& p) {
         p.layers[1]["smartdeal"]["exponents"] = {-1, 0, 1};
       }},
      {"padding bits of row_index", [](Parts& p) { p.poke("fc/2/row_index", 0, 0b11001); }},
      {"padding bits of element_index", [](Parts& p) { p.poke("fc/2/element_index", 0, 0b11101); }},
      {"padding bits of coefficients", [](Parts& p) { p.poke("fc/2/coefficients", 0, 0b1101); }},
      {"no non-zero element", [](Parts& p) { p.poke("fc/2/element_index", 0, 0b1100); }},
      {"padding bits of element_index", [](Parts& p) { p.poke("fc/2/row_index", 0, 0b0001); }},
      {"Kraft", [](Parts& p) { p.poke("fc/2/code_lengths", 0, 1); }},
      {"a code length exceeds 32 bits", [](Parts& p) { p.poke("fc/2/code_lengths", 0, 33); }},
      {"filter 0 has 1 coefficients in 0 bits", [](Parts& p) { p.poke("fc/2/filter_bits", 0, 0); }},
      {"filter 1 has 2 coefficients in 255 bits", [](Parts& p) { p.poke("fc/2/filter_bits", 4, 255); }},
      {"Kraft", [](Parts& p) { p.poke("fc/2/code_lengths", 1, 2); }},
      {"filter 0 has 1 coefficients in 1 bits",
       [](Parts& p) {
         p.poke("fc/2/code_lengths", 1, 0);
         p.poke("fc/2/code_lengths", 2, 0);
       }},
  });
}

TEST_CASE("damage to reuse is found") {
  const auto reuse = [](json value) { return [value = std::move(value)](Parts& p) { p.layers[0]["reuse"] = value; }; };
  check({
      {"tensor \"conv1/hash_vectors\" is missing", reuse({{"length", 27}, {"hashes", 20}})},
      {"the length of reuse is 28; from 1 to 27", reuse({{"length", 28}, {"hashes", 5}})},
      {"length", reuse({{"length", 0}, {"hashes", 5}})},
      {"length", reuse({{"length", std::int64_t{1} << 62}, {"hashes", 5}})},
      {"hashes", reuse({{"length", 9}, {"hashes", 21}})},
      {"hashes", reuse({{"length", 9}, {"hashes", -1}})},
      {"hashes", reuse({{"length", 9}})},
      {"reuse", reuse("yes")},
      {"only a dense-int8 layer",
       [](Parts& p) {
         p.layers[1]["reuse"] = {{"length", 1}, {"hashes", 1}};
       }},
  });
}

TEST_CASE("a weight scale that is no number is found") {
  Parts parts(sample());
  for (int i = 0; i < 4; ++i) parts.poke("conv1/weight_scale", static_cast<std::size_t>(i), 0xFF);
  CHECK(verdict(parts.assembled()).find("not a number") != std::string::npos);
}

TEST_CASE("files that are no trace are told apart") {
  CHECK(verdict(std::string()) == "hostile.trace: the file is empty; a trace is needed");
  CHECK(verdict(std::string("abc")) == "hostile.trace: is too short for a trace: 3 bytes");
  CHECK(verdict(std::string("\x93NUMPY and more bytes")).find("is not a trace") != std::string::npos);
  CHECK(verdict(std::string(8, '\xFF') + "{}").find("at most 33554432 are read") != std::string::npos);
  CHECK(verdict(Parts::assemble("{\"a\":1,\"a\":2}", "")).find("the key \"a\" occurs twice") != std::string::npos);
  CHECK(verdict(Parts::assemble("{}", "")).find("no trace") != std::string::npos);
}

TEST_CASE("a truncated trace is refused at every length") {
  const std::string file = sample();
  for (std::size_t size = 0; size < file.size(); size += size < 64 || size + 300 > file.size() ? 1 : 31) {
    CHECK_MESSAGE(verdict(file.substr(0, size)) != ok, "length " << size);
  }
}

TEST_CASE("a flipped bit is refused or caught by the checksums") {
  const std::string file = sample();
  std::mt19937 random(1);
  int undetected = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    std::string damaged = file;
    const std::size_t place = random() % file.size();
    damaged[place] = static_cast<char>(damaged[place] ^ (1 << (random() % 8)));
    if (verdict(damaged) != ok) continue;
    const trace::TraceReader reader("hostile.trace");
    if (test::bad_input([&] { reader.verify_checksums(); }) == ok) ++undetected;
  }
  CHECK(undetected == 0);
}

TEST_CASE("damage to the ternary form is found") {
  check(
      {
          {"\"ternary\" is missing", [](Parts& p) { p.layers[0].erase("ternary"); }},
          {"\"group_channels\" is 0; an integer from 1",
           [](Parts& p) { p.layers[0]["ternary"]["group_channels"] = 0; }},
          {"\"group_channels\"", [](Parts& p) { p.layers[0]["ternary"]["group_channels"] = std::int64_t{1} << 40; }},
          {"one of dense-int8, smartdeal, ternary is needed", [](Parts& p) { p.layers[0]["encoding"] = "binary"; }},
          {"a ternary code is 10", [](Parts& p) { p.poke("ternary/codes", 0, 0b00100001); }},
          {"padding bits of codes are not zero", [](Parts& p) { p.poke("ternary/codes", 4, 0b00010100); }},
          {"padding bits of group_index are not zero", [](Parts& p) { p.poke("ternary/group_index", 0, 0b11001); }},
          {"group 1 of filter 0 has no non-zero weight, but its bit in group_index is 1",
           [](Parts& p) { p.poke("ternary/group_index", 0, 0b1011); }},
          {"group 1 of filter 1 has a non-zero weight, but its bit in group_index is 0",
           [](Parts& p) { p.poke("ternary/group_index", 0, 0b0001); }},
          {"group 0 of filter 0 has no non-zero weight",
           [](Parts& p) {
             p.poke("ternary/codes", 0, 0);
             p.poke("ternary/codes", 1, 0);
           }},
          // With single channels the index has six bits in the same byte, and group 1 of filter 0 is channel 1.
          {"group 1 of filter 0 has a non-zero weight", [](Parts& p) { p.layers[0]["ternary"]["group_channels"] = 1; }},
          {"\"ternary/codes\" is U8 [5]; U8 [3] is needed", [](Parts& p) { p.layers[0]["shape"]["S"] = 2; }},
          {"alpha must be a positive, finite number",
           [](Parts& p) {
             p.poke("ternary/alpha", 3, 0x7F);
             p.poke("ternary/alpha", 2, 0xC0);
           }},
          {"alpha must be a positive", [](Parts& p) { p.poke("ternary/alpha", 3, 0xBF); }},
          {"alpha must be a positive",
           [](Parts& p) {
             for (std::size_t i = 0; i < 4; ++i) p.poke("ternary/alpha", i, 0);
           }},
          {"a channel scale is negative", [](Parts& p) { p.poke("ternary/channel_scale", 3, 0xBF); }},
          {"an activation needs more than 15 bits", [](Parts& p) { p.layers[0]["activations"]["bits"] = 15; }},
          {"is U16 [1, 3, 1, 3]; I16 [1, 3, 1, 3] is needed",
           [](Parts& p) { p.layers[0]["activations"]["signed"] = true; }},
          {"is U16 [1, 3, 1, 3]; U8 [1, 3, 1, 3] is needed", [](Parts& p) { p.layers[0]["activations"]["bits"] = 8; }},
      },
      ternary_sample());
}
