// rebasis inspect: what is in a file. The kind is found from the content.
#include <iostream>

#include "cli/command.h"
#include "cli/inspect/inspector.h"
#include "common/error.h"
#include "common/file.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {

std::string Inspector::extract(const std::string& path, const std::string& /*layer*/,
                               const std::string& /*folder*/) const {
  fail_input({path}, "has no layers whose tensors could be extracted; a trace has");
}

namespace {

std::unique_ptr<Inspector> inspector_of(const std::string& path) {
  const MappedFile file(path);
  if (file.bytes().empty()) fail_input({path}, "the file is empty");
  std::string kinds;
  for (const auto& [name, item] : arch::Registry<Inspector>::global().items()) {
    std::unique_ptr<Inspector> inspector = item.create();
    if (inspector->recognises(file.bytes())) return inspector;
    kinds += (kinds.empty() ? "" : ", ") + item.summary;
  }
  fail_input({path}, "is of no known kind; known are: " + kinds);
}

class Inspect : public Command {
 public:
  std::string description() const override {
    return "Shows what is in FILE. The kind is found from the content, not from the name:\n\n"
           " trace       the layers with shapes, encodings, sizes, sparsity, and where weights and inputs come from\n"
           " result      the totals of a simulation and its layers\n"
           " ONNX        the layers of a network with their shapes\n"
           " NPY, IDX    type, shape and range of the values\n\n"
           "Of a family of traces it lists the sub-nets; --subnet looks into one of them.\n\n"
           "Opening a trace reads its header only. --check reads all of it: every tensor against its checksum, every "
           "layer against its shape, every bit string decoded.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis inspect T.trace", "The layers of a trace."},
            {"rebasis inspect --check T.trace", "Is the copy of the trace intact?"},
            {"rebasis inspect F.trace --subnet s90", "The layers of a sub-net of a family of traces."},
            {"rebasis inspect T.trace --extract conv1 -o tensors",
             "The tensors of layer conv1 as NPY files, decoded weights included."},
            {"rebasis inspect --json RESULT.json", "For scripts."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("FILE", request_.path, "The file to look into")->required();
    app.add_flag("--json", request_.json, "Print JSON");
    app.add_flag("--check", request_.check, "Read and check all of the file");
    app.add_option("--subnet", subnet_, "A sub-net of a family of traces; FILE#NAME names it as well");
    auto* extract = app.add_option("--extract", layer_, "Write the tensors of this layer as NPY files");
    app.add_option("-o,--output", folder_, "Folder for --extract; made when missing")->needs(extract);
  }

  int run() override {
    if (!subnet_.empty()) request_.path = trace::subnet_path(request_.path, subnet_);
    const std::unique_ptr<Inspector> inspector = inspector_of(trace::locate_trace(request_.path).file);
    if (layer_.empty()) {
      std::cout << inspector->describe(request_);
    } else {
      std::cout << inspector->extract(request_.path, layer_, folder_);
    }
    return 0;
  }

 private:
  InspectRequest request_;
  std::string layer_, subnet_;
  std::string folder_ = ".";
};

const RegisterCommand<Inspect> registration("inspect");

}  // namespace
}  // namespace rebasis::cli
