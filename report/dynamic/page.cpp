#include <fmt/format.h>

#include <cmath>

#include "report/dynamic/dynamic.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

constexpr const char* style = R"(
:root { color-scheme: light; }
body { margin: 0; background: #f6f7f9; color: #1b1f27; font: 15px/1.5 system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
.brand, .muted { color: #5a6372; margin: .2rem 0; } .brand { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; }
section { background: #fff; border: 1px solid #d9dde4; border-radius: 8px; padding: 1rem; margin: 1rem 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #d9dde4; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: #5a6372; font-weight: 600; }
.chip { display: inline-block; width: .8em; height: .8em; margin-right: .5em; border-radius: 2px; }
.synthetic { background: #ffe9df; color: #8a1c00; border: 2px solid currentColor; border-radius: 8px; padding: .6rem 1rem; margin: 1rem 0; font-weight: 600; }
)";

std::string row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += fmt::format("<{0}>{1}</{0}>", tag, cell);
  return text + "</tr>\n";
}

std::string name_cell(const DynamicReport& report, std::size_t i) {
  return fmt::format("<span class=\"chip\" style=\"background:{}\"></span>{}", subnet_colour(i),
                     html_escaped(report.measured.family.subnets[i].name));
}

std::string subnets_table(const DynamicReport& report) {
  std::string text =
      "<table>" +
      row({"sub-net", "pattern", "zeros", "top-1", "latency", "energy", "DRAM a frame", "parameters"}, "th");
  for (std::size_t i = 0; i < report.measured.family.subnets.size(); ++i) {
    const dynamic::Subnet& s = report.measured.family.subnets[i];
    text += row({name_cell(report, i), s.pattern.empty() ? "-" : html_escaped(s.pattern),
                 s.sparsity < 0 ? "-" : fmt::format("{:.1f} %", 100 * s.sparsity),
                 fmt::format("{:.2f} %", 100 * s.accuracy), with_prefix(s.latency_s, "s"), with_prefix(s.energy_j, "J"),
                 with_prefix(s.dram_bytes, "B"), with_prefix(s.parameter_bytes, "B")});
  }
  return text + "</table>";
}

std::string switch_table(const DynamicReport& report) {
  const auto& subnets = report.measured.family.subnets;
  std::string text = "<table>" + row({"from", "to", "time", "cycles", "energy", "from storage", "DRAM written",
                                      "DRAM read", "table", "layers changed"},
                                     "th");
  for (std::size_t from = 0; from < subnets.size(); ++from) {
    for (std::size_t to = 0; to < subnets.size(); ++to) {
      if (from == to) continue;
      const sim::SwitchCost& c = report.measured.switches[from][to];
      const auto bytes = [](std::uint64_t count) { return with_prefix(static_cast<double>(count), "B"); };
      text += row({name_cell(report, from), html_escaped(subnets[to].name),
                   with_prefix(report.measured.family.switches[from][to].time_s, "s"), std::to_string(c.cycles),
                   with_prefix(report.measured.family.switches[from][to].energy_j, "J"), bytes(c.bytes.storage),
                   bytes(c.bytes.written), bytes(c.bytes.read), bytes(c.bytes.table),
                   std::to_string(c.bytes.changed_layers)});
    }
  }
  return text + "</table>";
}

std::string governors_table(const DynamicReport& report) {
  std::string text = "<table>" + row({"governor", "frames", "missed", "late", "dropped", "over power", "switches",
                                      "energy", "of it switches", "mean latency", "worst", "top-1", "useful"},
                                     "th");
  for (const dynamic::TimelineRun& run : report.runs) {
    const dynamic::Summary& s = run.summary;
    text += row({html_escaped(run.governor), std::to_string(s.frames), std::to_string(s.missed), std::to_string(s.late),
                 std::to_string(s.dropped), std::to_string(s.over_power), std::to_string(s.switches),
                 with_prefix(s.energy_j, "J"), with_prefix(s.switch_energy_j, "J"), with_prefix(s.mean_latency_s, "s"),
                 with_prefix(s.worst_latency_s, "s"), fmt::format("{:.2f} %", 100 * s.mean_accuracy),
                 fmt::format("{:.2f} %", 100 * s.useful_accuracy)});
  }
  return text + "</table><p class=\"muted\">top-1: of computed frames; useful: frames that miss count as wrong.</p>";
}

std::string settings(const DynamicReport& report) {
  std::string text;
  for (const auto& [key, value] : sim::switch_parameters().print(report.scenario.hardware))
    text += (text.empty() ? "" : ", ") + html_escaped(key) + " " + html_escaped(value);
  return text;
}

}  // namespace

std::string dynamic_page(const DynamicReport& report) {
  const std::string title = html_escaped(report.measured.network + " on " + report.measured.accelerator);
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>" +
      title + ": dynamic inference</title><style>" + std::string(style) + "</style></head><body><main>\n";
  page += "<p class=\"brand\">Rebasis: dynamic inference</p><h1>" + title + "</h1>\n";
  page += fmt::format("<p class=\"muted\">{} sub-nets of {}; script {}{}; {} fidelity, DRAM {}, prices {}</p>\n",
                      report.measured.family.subnets.size(), html_escaped(report.family), html_escaped(report.script),
                      report.scenario.description.empty() ? "" : " (" + html_escaped(report.scenario.description) + ")",
                      html_escaped(report.fidelity), html_escaped(report.measured.dram_model),
                      html_escaped(report.measured.energy_table));
  if (report.measured.synthetic)
    page += "<p class=\"synthetic\">SYNTHETIC weights or activations: figures do not describe a trained network</p>\n";
  page += "<section><h2>Timeline</h2>" + timeline_svg(report) + "</section>\n";
  page += "<section><h2>Governors</h2>" + governors_table(report) + "</section>\n";
  page += "<section><h2>Sub-nets</h2>" + curve_svg(report) + subnets_table(report) + "</section>\n";
  page += "<section><h2>Switches</h2>" + switch_table(report) + "<p class=\"muted\">" + settings(report) +
          "</p></section>\n";
  for (std::size_t i = 1; i < report.runs.size(); ++i)
    page += "<section><h2>Governor " + html_escaped(report.runs[i].governor) + "</h2>" + timeline_svg(report, i) +
            "</section>\n";
  if (!report.measured.notes.empty()) {
    page += "<section><h2>Notes</h2><ul>";
    for (const std::string& note : report.measured.notes) page += "<li>" + html_escaped(note) + "</li>";
    page += "</ul></section>\n";
  }
  return page + "</main></body></html>\n";
}

}  // namespace rebasis::report
