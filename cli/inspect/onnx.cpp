// ONNX files in the program without libonnx: rebasis-torch lists the layers when it is there, otherwise operators are
// counted.
#include <fmt/format.h>

#include "cli/inspect/inspector.h"
#include "cli/inspect/onnx_skim.h"
#include "cli/torch_program.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/text/suggest.h"

namespace rebasis::cli {
namespace {

/// Continues as rebasis-torch; returns when that is not there.
[[maybe_unused]] void try_torch_program(const InspectRequest& request) {
  std::string words[] = {"rebasis", "inspect", "--json", "--", request.path};
  std::vector<char*> arguments;
  for (std::string& word : words) {
    if (word != "--json" || request.json) arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  try {
    run_torch_program("inspect", arguments.data());
  } catch (const Error&) {
    return;
  }
}

class OnnxInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override { return starts_like_onnx(content); }

  std::string describe(const InspectRequest& request) const override {
    if constexpr (REBASIS_TORCH_PROGRAM_LISTS_LAYERS) try_torch_program(request);
    const MappedFile file(request.path);
    const auto skim = skim_onnx(file.bytes());
    if (!skim) fail_input({request.path}, "is a damaged ONNX file");
    if (request.json) {
      return to_text({{"kind", "onnx"},
                      {"file", request.path},
                      {"ir_version", skim->ir_version},
                      {"producer", skim->producer},
                      {"operators", skim->operators},
                      {"initialisers", skim->initialisers}});
    }
    std::string text = fmt::format("ONNX network, IR version {}, made by {}, {} constant tensors\n", skim->ir_version,
                                   in_quotes(skim->producer), skim->initialisers);
    for (const auto& [name, count] : skim->operators) text += fmt::format("  {:<24} {}\n", in_quotes(name), count);
    return text + "layers and shapes need a build with libtorch\n";
  }
};

const InspectorRegistration registration("onnx", "ONNX network", [] { return std::make_unique<OnnxInspector>(); });

}  // namespace
}  // namespace rebasis::cli
