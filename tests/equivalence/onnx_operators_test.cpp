// ONNX's own operator tests (Debian package libonnx-testdata), for every operator that Rebasis runs.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "workloads/graph/tensor_proto.h"
#include "workloads/run/executor.h"
#include "workloads/run/operators.h"

namespace {

namespace fs = std::filesystem;
using rebasis::graph::Constant;

const fs::path data_folder = "/usr/share/libonnx-testdata/data";

/// Tests that use only operators that run, but cannot: each must still fail, so that the list stays true.
const std::map<std::string, std::string> left_out{
    {"test_batchnorm_epsilon_training_mode", "training mode"},
    {"test_batchnorm_example_training_mode", "training mode"},
    {"test_training_dropout", "training mode"},
    {"test_training_dropout_default", "training mode"},
    {"test_training_dropout_default_mask", "training mode"},
    {"test_training_dropout_mask", "training mode"},
    {"test_training_dropout_zero_ratio", "training mode"},
    {"test_training_dropout_zero_ratio_mask", "training mode"},
    {"test_cast_BFLOAT16_to_FLOAT", "bfloat16"},
    {"test_cast_FLOAT_to_BFLOAT16", "bfloat16"},
    {"test_castlike_BFLOAT16_to_FLOAT_expanded", "bfloat16"},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", "bfloat16"},
    {"test_cast_FLOAT_to_STRING", "strings"},
    {"test_cast_STRING_to_FLOAT", "strings"},
    {"test_castlike_FLOAT_to_STRING_expanded", "strings"},
    {"test_castlike_STRING_to_FLOAT_expanded", "strings"},
    {"test_identity_opt", "sequences and optional values"},
    {"test_identity_sequence", "sequences and optional values"},
    {"test_resize_downsample_scales_cubic_align_corners",
     "expects a fractional output size, against the operator's definition"},
    {"test_resize_downsample_scales_linear_align_corners",
     "expects a fractional output size, against the operator's definition"},
    {"test_Conv3d", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_dilated", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_dilated_strided", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_groups", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_no_bias", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_stride", "3-D convolution, which no accelerator here maps"},
    {"test_Conv3d_stride_padding", "3-D convolution, which no accelerator here maps"},
    {"test_maxpool_with_argmax_2d_precomputed_pads", "positions of the maxima, which only unpooling needs"},
    {"test_maxpool_with_argmax_2d_precomputed_strides", "positions of the maxima, which only unpooling needs"},
};

std::string read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Constant read_tensor(const fs::path& path) {
  onnx::TensorProto proto;
  REQUIRE(proto.ParseFromString(read_bytes(path)));
  return rebasis::graph::to_constant(proto, path.string());
}

std::vector<double> numbers(const Constant& constant) {
  return std::visit([](const auto& tensor) { return std::vector<double>(tensor.values.begin(), tensor.values.end()); },
                    constant.data);
}

/// The tolerance of ONNX's own runner.
bool close(double value, double expected) {
  if (std::isnan(expected) || std::isinf(expected)) return std::isnan(expected) ? std::isnan(value) : value == expected;
  return std::abs(value - expected) <= 1e-7 + 1e-3 * std::abs(expected);
}

/// "" when equal, otherwise what differs.
std::string compare(const Constant& value, const Constant& expected) {
  if (value.shape() != expected.shape()) return "another shape";
  if (value.is_float() != expected.is_float()) return "another type";
  const std::vector<double> got = numbers(value), wanted = numbers(expected);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!close(got[i], wanted[i])) {
      return "element " + std::to_string(i) + " is " + std::to_string(got[i]) + ", expected " +
             std::to_string(wanted[i]);
    }
  }
  return "";
}

/// "" when all data sets of the test pass, otherwise why not.
std::string run_test(const fs::path& folder) {
  try {
    const auto graph = rebasis::graph::import_onnx((folder / "model.onnx").string());
    const rebasis::run::Executor executor(graph);
    int sets = 0;
    for (; fs::exists(folder / ("test_data_set_" + std::to_string(sets))); ++sets) {
      const fs::path data = folder / ("test_data_set_" + std::to_string(sets));
      std::map<std::string, Constant> inputs;
      for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        inputs[graph.inputs[i].name] = read_tensor(data / ("input_" + std::to_string(i) + ".pb"));
      }
      const auto outputs = executor.evaluate(inputs);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string problem = compare(outputs[i], read_tensor(data / ("output_" + std::to_string(i) + ".pb")));
        if (!problem.empty()) return "output " + std::to_string(i) + ": " + problem;
      }
    }
    return sets > 0 ? "" : "no data";
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// Operators of the test's network; nodes that import resolves included.
std::set<std::string> operators_of(const fs::path& folder) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(read_bytes(folder / "model.onnx")));
  std::set<std::string> names;
  for (const auto& node : model.graph().node())
    names.insert(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
  return names;
}

std::vector<fs::path> test_folders() {
  std::vector<fs::path> folders;
  for (const char* group : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    if (!fs::exists(data_folder / group)) continue;
    for (const auto& entry : fs::directory_iterator(data_folder / group)) {
      if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

struct Tally {
  int passed = 0, total = 0;
};

}  // namespace

TEST_CASE("every operator that runs passes ONNX's tests of it") {
  const auto folders = test_folders();
  REQUIRE_MESSAGE(folders.size() > 900, "the Debian package libonnx-testdata is needed");
  const auto names = rebasis::run::supported_operators();
  const std::set<std::string> supported(names.begin(), names.end());
  std::map<std::string, Tally> tallies;
  int passed = 0, total = 0;
  std::set<std::string> seen_left_out;
  for (const fs::path& folder : folders) {
    const std::set<std::string> used = operators_of(folder);
    if (!std::includes(supported.begin(), supported.end(), used.begin(), used.end())) continue;
    const std::string name = folder.filename().string();
    const std::string problem = run_test(folder);
    if (const auto reason = left_out.find(name); reason != left_out.end()) {
      seen_left_out.insert(name);
      CHECK_MESSAGE(!problem.empty(), name << " is listed as left out but passes");
      std::cout << "left out: " << name << " (" << reason->second << ")\n";
      continue;
    }
    CHECK_MESSAGE(problem.empty(), folder.string() << ": " << problem);
    ++total;
    passed += problem.empty() ? 1 : 0;
    for (const std::string& op : used) {
      ++tallies[op].total;
      tallies[op].passed += problem.empty() ? 1 : 0;
    }
  }
  std::cout << "operator: passed/total (a test counts for each operator in it)\n";
  for (const auto& [op, tally] : tallies) std::cout << "  " << op << ": " << tally.passed << "/" << tally.total << "\n";
  for (const std::string& op : supported) {
    if (!tallies.contains(op)) std::cout << "  " << op << ": no test of ONNX\n";
  }
  std::cout << passed << " of " << total << " tests passed, " << seen_left_out.size() << " left out\n";
  CHECK(seen_left_out.size() == left_out.size());
  CHECK(total >= 500);
}
