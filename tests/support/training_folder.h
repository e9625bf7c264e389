// A folder with the network and the striped images of tiny_training.h, as files for the rebasis program.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/tiny_training.h"
#include "workloads/io/npy.h"

namespace rebasis::test::tiny {

struct TrainingFolder {
  std::string path;
  io::Inputs data = stripes();  ///< what command() writes; a test may change it

  explicit TrainingFolder(const std::string& name) : path(fresh_folder(name)) { write_network(path + "/net.onnx"); }

  /// Writes x.npy, y.npy and r.yaml; the words of a training of net.onnx with them, into out.onnx.
  [[nodiscard]] std::vector<std::string> command(const std::string& recipe,
                                                 const std::vector<std::string>& more = {}) const {
    std::ofstream(path + "/r.yaml", std::ios::binary) << recipe;
    io::write_npy(path + "/x.npy", data.images);
    io::write_npy(path + "/y.npy", Tensor<std::int64_t>({static_cast<std::int64_t>(data.labels.size())}, data.labels));
    std::vector<std::string> words{"train",    path + "/net.onnx", "--recipe", path + "/r.yaml",
                                   "--inputs", path + "/x.npy",    "--labels", path + "/y.npy",
                                   "-o",       path + "/out.onnx"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] Outcome train(const std::string& recipe, const std::vector<std::string>& more = {}) const {
    return run_rebasis(command(recipe, more), {.timeout_s = 120});
  }
};

}  // namespace rebasis::test::tiny
