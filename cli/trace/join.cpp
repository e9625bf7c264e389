#include "cli/trace/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "common/error.h"

namespace rebasis::cli {
namespace {

/// NAME=REST taken apart; the name is empty without '='.
std::pair<std::string, std::string> assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

trace::FamilyPart part_of(const std::string& text) {
  auto [name, path] = assignment(text);
  if (name.empty() || std::filesystem::exists(text)) {
    path = text;
    name = std::filesystem::path(trace::locate_trace(path).file).stem().string();
    if (!trace::locate_trace(path).subnet.empty()) name = trace::locate_trace(path).subnet;
  }
  return {name, path, {}};
}

}  // namespace

trace::FamilyReport join_family(const JoinRequest& request, const std::string& output) {
  if (request.traces.empty()) fail_input("join needs traces; write rebasis trace join A.trace B.trace -o F.trace");
  std::vector<trace::FamilyPart> parts;
  for (const std::string& text : request.traces) parts.push_back(part_of(text));
  for (const std::string& text : request.patterns) {
    const auto given = assignment(text);
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const trace::FamilyPart& p) { return p.name == given.first; });
    if (part == parts.end())
      fail_input("--pattern " + text + ": there is no sub-net of that name; write --pattern NAME=TEXT");
    part->pattern = given.second;
  }
  const std::string network =
      request.network.empty() ? trace::TraceReader(parts.front().path).metadata().network : request.network;
  return trace::join_traces(parts, network, output);
}

std::string join_text(const std::string& output, const trace::FamilyReport& report) {
  std::string text = fmt::format("{}: {} sub-nets\n", output, report.subnets.size());
  for (const trace::SubnetInfo& subnet : report.subnets) {
    text += fmt::format("  {}{}{}{}\n", subnet.name, subnet.pattern.empty() ? "" : ", " + subnet.pattern,
                        subnet.sparsity ? fmt::format(", {:.1f} % of the weights zero", 100 * *subnet.sparsity) : "",
                        subnet.accuracy ? fmt::format(", top-1 {:.2f} %", 100 * *subnet.accuracy) : "");
  }
  constexpr double kilo = 1e3;
  return text + fmt::format("{:.1f} kB of tensors, {:.1f} kB with equal ones stored once\n",
                            static_cast<double>(report.bytes_given) / kilo,
                            static_cast<double>(report.bytes_stored) / kilo);
}

}  // namespace rebasis::cli
