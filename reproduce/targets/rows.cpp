#include "reproduce/targets/rows.h"

#include <fmt/format.h>

namespace rebasis::reproduce {

Row counted(std::string name, std::string quantity, std::string unit, double ours, std::optional<double> published) {
  return {std::move(name), std::move(quantity), std::move(unit), ours, published, Origin::formula, Origin::none, ""};
}

Row synthetic(std::string name, std::string quantity, std::string unit, std::optional<double> ours,
              std::optional<double> published, bool simulated) {
  return {std::move(name),
          std::move(quantity),
          std::move(unit),
          ours,
          published,
          Origin::synthetic,
          simulated ? Origin::synthetic : Origin::none,
          ""};
}

Row measured(std::string name, std::string quantity, std::string unit, std::optional<double> ours,
             std::optional<double> published) {
  return {std::move(name), std::move(quantity), std::move(unit),  ours,
          published,       Origin::measured,    Origin::measured, ours ? "" : "not measured"};
}

Row missing(std::string name, std::string quantity, std::string unit, std::optional<double> published,
            std::string reason) {
  return {std::move(name), std::move(quantity), std::move(unit), std::nullopt,
          published,       Origin::none,        Origin::none,    "missing: " + std::move(reason)};
}

std::string made_by(const Table& measured) {
  return fmt::format("{}: `{}`, {}. {}", measured.source, measured.command, measured.date, measured.reading);
}

NetworkCounts counts_of(Lab& lab, const std::string& network) {
  const nlohmann::json json = lab.network(network);
  NetworkCounts counts;
  counts.parameters = json.at("parameters").get<double>();
  counts.macs = json.at("macs").get<double>();
  for (const nlohmann::json& layer : json.at("layers")) {
    const auto weights = layer.at("weights").get<std::vector<double>>();
    const auto input = layer.at("input").get<std::vector<double>>(),
               output = layer.at("output").get<std::vector<double>>();
    LayerCounts one{layer.at("name").get<std::string>(),
                    layer.at("op").get<std::string>(),
                    weights.at(0),
                    weights.at(0) * weights.at(1) * weights.at(2) * weights.at(3),
                    layer.at("macs").get<double>(),
                    input.at(0) * input.at(1) * input.at(2),
                    output.at(0) * output.at(1) * output.at(2),
                    fmt::format("{:.0f}x{:.0f}x{:.0f}x{:.0f}", weights[0], weights[1], weights[2], weights[3])};
    counts.layers.push_back(std::move(one));
  }
  return counts;
}

std::string fixed(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

}  // namespace rebasis::reproduce
