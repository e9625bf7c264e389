#include "workloads/trace/trace.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"

using namespace rebasis;
using namespace rebasis::trace;

namespace {

template <class T>
std::vector<T> values(const TraceReader& reader, const std::string& name) {
  const auto span = reader.tensor(name).as<T>();
  return {span.begin(), span.end()};
}

}  // namespace

TEST_CASE("what is written is read back") {
  test::write_sample_trace("sample.trace");
  const TraceReader reader("sample.trace");
  CHECK(reader.path() == "sample.trace");
  const Metadata& metadata = reader.metadata();
  CHECK(metadata.network == "sample");
  CHECK(metadata.provenance == R"({"tool":"a test"})");
  REQUIRE(metadata.layers.size() == 2);
  const LayerInfo& dense = metadata.layers[0];
  CHECK(dense.name == "conv1");
  CHECK(dense.op == "conv");
  CHECK(dense.shape == test::dense_layer().shape);
  CHECK(dense.encoding == "dense-int8");
  CHECK(dense.weight_provenance == "trained");
  CHECK_FALSE(dense.activations.is_signed);
  CHECK(dense.activations.bits == 8);
  CHECK(dense.activations.scale == 0.25);
  CHECK(dense.activations.provenance == "real");
  CHECK(dense.images == 2);
  CHECK(dense.statistics.at("activation_sparsity") == 0.5);
  const LayerInfo& smartdeal = metadata.layers[1];
  CHECK(smartdeal.weight_provenance == "synthetic");
  CHECK(smartdeal.activations.is_signed);
  CHECK(smartdeal.smartdeal.n == 2);
  CHECK(smartdeal.smartdeal.rows == 2);
  CHECK(smartdeal.smartdeal.slice_rows == std::vector<std::int64_t>{2});
  CHECK_FALSE(smartdeal.smartdeal.rows_are_kernel_rows);
  CHECK(smartdeal.smartdeal.exponents == std::vector<int>{-1, 0});
  REQUIRE(metadata.auxiliary.size() == 1);
  CHECK(metadata.auxiliary[0].op == "MaxPool");
  CHECK(metadata.auxiliary[0].after == "conv1");
  CHECK(metadata.auxiliary[0].input_elements == 40);
  CHECK(metadata.auxiliary[0].output_elements == 8);
  CHECK_FALSE(metadata.auxiliary[0].fused);

  CHECK(reader.tensor_names().size() == 12);
  CHECK(reader.has("fc/2/basis"));
  CHECK_FALSE(reader.has("fc/2/bias"));
  CHECK(values<std::int8_t>(reader, "fc/2/activations") == std::vector<std::int8_t>{-128, 127, 0, 1, 2, 3, -4, 5});
  CHECK(values<std::int32_t>(reader, "conv1/bias") == std::vector<std::int32_t>{-7, 70000});
  CHECK(values<float>(reader, "conv1/weight_scale") == std::vector<float>{0.5F, 0.125F});
  CHECK(values<std::uint8_t>(reader, "conv1/activations")[119] == 119 * 7 % 256);
  CHECK(reader.tensor("conv1/weights").shape == Shape{2, 3, 3, 3});
  CHECK_THROWS_AS((void)values<std::uint8_t>(reader, "conv1/weights"), Error);
  CHECK_THROWS_AS((void)reader.tensor("conv1/none"), Error);
  reader.verify_checksums();
  for (const LayerInfo& layer : metadata.layers) reader.check_layer(layer);
}

TEST_CASE("a layer with reuse is read back, and a reader of other layers sees none") {
  TraceWriter writer;
  test::add_sample_tensors(writer);
  const std::vector<std::int8_t> hash{1, -2, 3, -4, 5, 127, -128, 0};
  writer.add<std::int8_t>("conv1/hash_vectors", {2, 4}, hash);
  Metadata metadata = test::sample_metadata();
  metadata.layers[0].reuse = {4, 2};
  writer.write("reuse.trace", metadata);
  const TraceReader reader("reuse.trace");
  const LayerInfo& dense = reader.metadata().layers[0];
  CHECK(dense.reuse.on());
  CHECK(dense.reuse.length == 4);
  CHECK(dense.reuse.hashes == 2);
  CHECK(dense.reuse.columns(dense.shape) == 7);  // 27 elements: six sub-vectors of 4, one of 3
  CHECK(values<std::int8_t>(reader, "conv1/hash_vectors") == hash);
  reader.check_layer(dense);
  CHECK_FALSE(reader.metadata().layers[1].reuse.on());
}

TEST_CASE("the same trace gives the same bytes") {
  test::write_sample_trace("one.trace");
  test::write_sample_trace("two.trace");
  CHECK(read_file("one.trace") == read_file("two.trace"));
}

TEST_CASE("the container follows the rules of safetensors") {
  test::write_sample_trace("sample.trace");
  const std::string file = read_file("sample.trace");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  CHECK(length % 8 == 0);
  const auto header = nlohmann::json::parse(file.substr(8, length));
  CHECK(header["__metadata__"]["format"] == "rebasis-trace");
  CHECK(header["__metadata__"]["schema"] == "1");
  const std::map<std::string, unsigned> sizes{{"U8", 1}, {"I8", 1}, {"I32", 4}, {"U32", 4}, {"F32", 4}};
  std::map<std::uint64_t, std::uint64_t> ranges;
  const auto checksums = nlohmann::json::parse(header["__metadata__"]["sha256"].get<std::string>());
  for (const auto& item : header.items()) {
    const std::string& name = item.key();
    const auto& tensor = item.value();
    if (name == "__metadata__") {
      for (const auto& field : tensor.items()) CHECK_MESSAGE(field.value().is_string(), field.key());
      continue;
    }
    const std::uint64_t begin = tensor["data_offsets"][0];
    const std::uint64_t end = tensor["data_offsets"][1];
    CHECK_MESSAGE(begin % sizes.at(tensor["dtype"]) == 0, name);
    ranges[begin] = end;
    CHECK(checksums[name] == sha256(file.substr(8 + length + begin, end - begin)));
  }
  std::uint64_t expected = 0;  // each tensor begins where another ended
  for (const auto& [begin, end] : ranges) {
    CHECK(begin == expected);
    expected = end;
  }
  CHECK(8 + length + expected == file.size());
}

TEST_CASE("a writer refuses what a reader would refuse, and leaves no file") {
  std::filesystem::remove("bad.trace");
  SUBCASE("duplicate tensor") {
    TraceWriter writer;
    test::add_sample_tensors(writer);
    CHECK_THROWS_AS(test::add_sample_tensors(writer), Error);
  }
  SUBCASE("size") {
    TraceWriter writer;
    const std::vector<std::uint8_t> three(3);
    CHECK_THROWS_AS(writer.add<std::uint8_t>("a", {4}, three), Error);
  }
  SUBCASE("missing tensor") {
    TraceWriter writer;
    CHECK(test::bad_input([&] {
            writer.write("bad.trace", test::sample_metadata());
          }).find("bad.trace: layer \"conv1\": tensor \"conv1/activations\" is missing") == 0);
  }
  SUBCASE("metadata") {
    TraceWriter writer;
    test::add_sample_tensors(writer);
    Metadata metadata = test::sample_metadata();
    metadata.layers[0].shape.M = 3;
    CHECK_THROWS_AS(writer.write("bad.trace", metadata), Error);
    metadata = test::sample_metadata();
    metadata.layers[0].activations.scale = 0;
    CHECK_THROWS_AS(writer.write("bad.trace", metadata), Error);
    metadata.layers.clear();
    CHECK_THROWS_AS(writer.write("bad.trace", metadata), Error);
  }
  CHECK_FALSE(std::filesystem::exists("bad.trace"));
}
