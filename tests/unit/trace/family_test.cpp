// Families: a sub-net read from one is the trace that went in, equal tensors are stored once, and no file is believed.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "common/error.h"
#include "common/file.h"
#include "common/sha256.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"
#include "tests/support/trace_parts.h"
#include "workloads/trace/family.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using nlohmann::json;

namespace {

/// The sample, in which byte `i` of the dense weights has another value; accuracy in its provenance.
void write_variant(const std::string& path, std::size_t i, std::int8_t value, double accuracy) {
  test::write_sample_trace("plain.trace");
  const trace::TraceReader plain("plain.trace");
  trace::TraceWriter writer;
  for (const std::string& name : plain.tensor_names()) {
    const trace::TensorView view = plain.tensor(name);
    std::vector<std::byte> bytes(view.bytes.begin(), view.bytes.end());
    if (name == "conv1/weights") bytes.at(i) = static_cast<std::byte>(value);
    writer.add(name, view.dtype, view.shape, bytes);
  }
  trace::Metadata metadata = plain.metadata();
  metadata.provenance = json{{"accuracy_after", accuracy}}.dump();
  writer.write(path, metadata);
}

void write_family() {
  write_variant("a.trace", 0, 1, 0.9);
  write_variant("b.trace", 0, 2, 0.8);
  (void)trace::join_traces({{"a", "a.trace", "2:4"}, {"b b", "b.trace", ""}}, "net", "F.trace");
}

/// A family's header and data; TraceParts asks for a plain trace's member.
struct FamilyParts {
  json header;
  std::string data;
  explicit FamilyParts(const std::string& file) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof(length));
    header = json::parse(file.substr(8, length));
    data = file.substr(8 + length);
  }
  json& meta() { return header["__metadata__"]; }
  /// Changes a member that is JSON inside a string.
  void edit(const std::string& key, const std::function<void(json&)>& change) {
    json value = json::parse(meta()[key].get<std::string>());
    change(value);
    meta()[key] = value.dump();
  }
  [[nodiscard]] std::string assembled(bool sign) {
    if (sign) {
      std::string text;
      for (const auto& [key, value] : meta().items())
        if (key != "metadata_sha256") text += key + "=" + value.get<std::string>() + "\n";
      meta()["metadata_sha256"] = sha256(text);
    }
    return test::TraceParts::assemble(header.dump(), data);
  }
};

std::string verdict(const std::string& file, const std::string& subnet) {
  std::ofstream("hostile.trace", std::ios::binary) << file;
  return test::bad_input([&] {
    (void)trace::list_subnets("hostile.trace");
    (void)trace::family_bytes("hostile.trace");
    const trace::TraceReader reader("hostile.trace#" + subnet);
    for (const auto& layer : reader.metadata().layers) reader.check_layer(layer);
  });
}

}  // namespace

TEST_CASE("a sub-net of a family is the trace that went in") {
  write_family();
  for (const auto& [file, name] : {std::pair<std::string, std::string>{"a.trace", "a"}, {"b.trace", "b b"}}) {
    const trace::TraceReader plain(file), subnet("F.trace#" + name);
    CHECK(subnet.path() == "F.trace#" + name);
    CHECK(subnet.digest() == plain.digest());
    CHECK(subnet.metadata().provenance == plain.metadata().provenance);
    CHECK(subnet.metadata().network == plain.metadata().network);
    REQUIRE(subnet.tensor_names() == plain.tensor_names());
    for (const std::string& tensor : plain.tensor_names()) {
      const trace::TensorView a = plain.tensor(tensor), b = subnet.tensor(tensor);
      CHECK(a.shape == b.shape);
      CHECK(a.dtype == b.dtype);
      CHECK(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end()));
    }
    for (std::size_t i = 0; i < plain.metadata().layers.size(); ++i) {
      const trace::LayerInfo& layer = subnet.metadata().layers[i];
      CHECK(subnet.layer_digest(layer) == plain.layer_digest(plain.metadata().layers[i]));
      subnet.check_layer(layer);
    }
    subnet.verify_checksums();
  }
}

TEST_CASE("a family lists its sub-nets and stores equal tensors once") {
  write_family();
  const auto subnets = trace::list_subnets("F.trace");
  REQUIRE(subnets.size() == 2);
  CHECK(subnets[0].name == "a");
  CHECK(subnets[0].pattern == "2:4");
  CHECK(*subnets[0].accuracy == 0.9);
  CHECK(*subnets[1].accuracy == 0.8);
  CHECK_FALSE(subnets[0].sparsity.has_value());  // the SmartDeal layer's was not counted
  std::uint64_t all = 0, weights = 0;
  const trace::TraceReader plain("a.trace");
  for (const std::string& name : plain.tensor_names()) all += plain.tensor(name).bytes.size();
  weights = plain.tensor("conv1/weights").bytes.size();
  const trace::FamilyBytes bytes = trace::family_bytes("F.trace");
  CHECK(bytes.tensors == all + weights);  // all but the weights that differ are shared
  CHECK(bytes.shared == all - weights);
  CHECK(trace::list_subnets("a.trace").empty());
  CHECK(trace::locate_trace("F.trace#a").subnet == "a");
  CHECK(trace::subnet_path("F.trace", "") == "F.trace");
}

TEST_CASE("a family of sub-nets of families is the same family") {
  write_family();
  (void)trace::join_traces({{"a", "F.trace#a", "2:4"}, {"b b", "F.trace#b b", ""}}, "net", "G.trace");
  CHECK(read_file("F.trace") == read_file("G.trace"));
}

TEST_CASE("what is no family, or no sub-net of it, is said") {
  write_family();
  const auto said = [](const std::string& path) {
    return test::bad_input([&] { const trace::TraceReader reader(path); });
  };
  CHECK(said("F.trace").find("F.trace: is a family of traces; name a sub-net of it with F.trace#NAME: a, b b") == 0);
  CHECK(said("F.trace#c").find("has no sub-net \"c\"") != std::string::npos);
  CHECK(said("a.trace#a").find("a.trace: is no family") == 0);
  const auto joined = [](const std::vector<trace::FamilyPart>& parts) {
    return test::bad_input([&] { (void)trace::join_traces(parts, "net", "H.trace"); });
  };
  CHECK(joined({{"a", "a.trace", ""}, {"a", "b.trace", ""}}).find("is taken by another") != std::string::npos);
  CHECK(joined({{"a/b", "a.trace", ""}}).find("a sub-net's name must be") != std::string::npos);
  CHECK(joined({{"a", "a.trace", std::string(65, 'x')}}).find("a sub-net's pattern") != std::string::npos);
  test::write_ternary_trace("t.trace");
  CHECK(joined({{"a", "a.trace", ""}, {"t", "t.trace", ""}}).find("images") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists("H.trace"));
}

TEST_CASE("hostile families are refused") {
  write_family();
  const std::string file = read_file("F.trace");
  CHECK(verdict(file, "a") == "(no error)");
  struct Case {
    std::string message;
    std::function<void(FamilyParts&)> damage;
    bool sign = true;
  };
  const std::vector<Case> cases{
      {"does not match its checksum", [](FamilyParts& p) { p.meta()["network"] = "other"; }, false},
      {"schema version 2", [](FamilyParts& p) { p.meta()["schema"] = "2"; }},
      {"has no \"a/layers\"", [](FamilyParts& p) { p.meta().erase("a/layers"); }},
      {"has no \"subnets\"", [](FamilyParts& p) { p.meta().erase("subnets"); }},
      {"has no \"sha256\"", [](FamilyParts& p) { p.meta().erase("sha256"); }},
      {"without sub-nets", [](FamilyParts& p) { p.meta()["subnets"] = "[]"; }},
      {"two sub-nets named", [](FamilyParts& p) { p.edit("subnets", [](json& v) { v[1]["name"] = "a"; }); }},
      {"a sub-net's name must be", [](FamilyParts& p) { p.edit("subnets", [](json& v) { v[1]["name"] = "b\nb"; }); }},
      {"must be from 0 to 1", [](FamilyParts& p) { p.edit("subnets", [](json& v) { v[0]["accuracy"] = 90; }); }},
      {"a sub-net's pattern", [](FamilyParts& p) { p.edit("subnets", [](json& v) { v[0]["pattern"] = "\x1b[2J"; }); }},
      {"schema version 9", [](FamilyParts& p) { p.meta()["a/schema"] = "9"; }},
      {"which is not there",
       [](FamilyParts& p) { p.edit("a/tensors", [](json& v) { v["conv1/weights"] = "a/nothing"; }); }},
      {"is needed", [](FamilyParts& p) { p.edit("a/tensors", [](json& v) { v["conv1/weights"] = "a/conv1/bias"; }); }},
      {"conv1/weights", [](FamilyParts& p) { p.edit("a/tensors", [](json& v) { v.erase("conv1/weights"); }); }},
      {"a string is needed", [](FamilyParts& p) { p.edit("a/tensors", [](json& v) { v["conv1/weights"] = 3; }); }},
      {"has a checksum but no data", [](FamilyParts& p) { p.edit("sha256", [](json& v) { v["ghost"] = "00"; }); }},
      {"has no checksum", [](FamilyParts& p) { p.edit("sha256", [](json& v) { v.erase("a/conv1/bias"); }); }},
  };
  for (const Case& one : cases) {
    FamilyParts parts(file);
    one.damage(parts);
    const std::string said = verdict(parts.assembled(one.sign), "a");
    CHECK_MESSAGE(said.starts_with("hostile.trace"), one.message << " <- " << said);
    CHECK_MESSAGE(said.find(one.message) != std::string::npos, one.message << " <- " << said);
  }
  std::mt19937 dice(7);
  for (int i = 0; i < 2000; ++i) {  // any damage gives an error or a family that reads; never a crash
    std::string damaged = file;
    for (int k = 0; k < 3; ++k) damaged[dice() % damaged.size()] = static_cast<char>(dice());
    if (i % 4 == 0) damaged.resize(dice() % damaged.size());
    (void)verdict(damaged, "a");
  }
}
