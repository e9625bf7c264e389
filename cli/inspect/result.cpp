// Results of simulations.
#include <fmt/format.h>

#include "cli/inspect/inspector.h"
#include "cli/inspect/text_table.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "report/json.h"

namespace rebasis::cli {
namespace {

std::string layer_table(const report::Document& document) {
  TextTable table({"layer", "op", "cycles", "time us", "energy uJ", "DRAM", "PE busy", "bound", ""});
  const auto row = [](const std::string& name, const std::string& op, const report::Figures& f,
                      const std::string& bound) {
    return std::vector<std::string>{name,
                                    op,
                                    fmt::format("{:.0f}", f.cycles),
                                    fmt::format("{:.2f}", f.time_s * 1e6),
                                    fmt::format("{:.3f}", f.energy_pj * 1e-6),
                                    readable_bytes(f.dram.total()),
                                    percent(f.pe_utilisation),
                                    bound,
                                    f.synthetic ? "SYNTHETIC" : ""};
  };
  for (const report::LayerFigures& layer : document.layers)
    table.add(row(layer.name, layer.op, layer, layer.binding_bound));
  table.add(row("total", "", document.totals, ""));
  return table.text();
}

class ResultInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override {
    std::size_t i = 0;
    while (i < content.size() && (content[i] == std::byte{' '} || content[i] == std::byte{'\n'})) ++i;
    return i < content.size() && content[i] == std::byte{'{'};
  }

  std::string describe(const InspectRequest& request) const override {
    const report::Document document = report::read_result_json(request.path);
    if (request.json) return report::to_json(document);
    std::string text = fmt::format("result of {} on {} ({}, DRAM {}), {:.0f} image{}\n", in_quotes(document.network),
                                   in_quotes(document.accelerator.name), document.accelerator.fidelity,
                                   document.accelerator.dram_model, document.totals.images,
                                   document.totals.images == 1 ? "" : "s, mean of all");
    for (const std::string& note : document.notes) text += "note: " + printable(note) + "\n";
    text += "\n" + layer_table(document);
    text += fmt::format("\n{:.3f} effective TOPS, {:.3f} TOPS/W\n", document.totals.effective_tops,
                        document.totals.tops_per_watt);
    for (const auto& [layer, reason] : document.unsupported)
      text += "not simulated: " + printable(layer + ": " + reason) + "\n";
    return text;
  }
};

const InspectorRegistration registration("result", "result JSON", [] { return std::make_unique<ResultInspector>(); });

}  // namespace
}  // namespace rebasis::cli
