#include "cli/coders/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text/suggest.h"
#include "report/text_layout.h"

namespace rebasis::cli {
namespace {

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
}

std::string layer_table(const CoderReport& report) {
  report::Row header{"layer", "matrix", "bits", "zeros"};
  header.insert(header.end(), report.coders.begin(), report.coders.end());
  std::vector<report::Row> rows{header};
  for (const LayerSizesByCoder& layer : report.layers) {
    report::Row row{report::shortened(layer.name, 32), fmt::format("{}x{}", layer.rows, layer.columns),
                    std::to_string(layer.bits), fmt::format("{:.1f}%", 100 * ratio(layer.zeros, layer.values))};
    const std::uint64_t least = layer.coders.at(layer.best()).bytes;
    for (const std::string& coder : report.coders) {
      const std::uint64_t bytes = layer.coders.at(coder).bytes;
      row.push_back(fmt::format("{}{}", bytes == least ? "*" : "", bytes));
    }
    rows.push_back(row);
  }
  return "bytes of each layer's coded matrix; * the fewest\n" + report::aligned(rows);
}

std::string speed(double bits, double seconds) {
  return seconds > 0 ? fmt::format("{:.1f}", bits / 8e6 / seconds) : std::string("-");
}

std::string total_table(const CoderReport& report, const CoderTotals& totals) {
  report::Row header{"coder", "bytes", "bits/value", "x of dense", "with uncoded", "x of float32", "best in"};
  if (report.timed) header.insert(header.end(), {"encode MB/s", "decode MB/s"});
  std::vector<report::Row> rows{header};
  std::vector<std::string> names = report.coders;
  names.emplace_back(best_of_each);
  for (const std::string& name : names) {
    const CodedSize& size = totals.coders.at(name);
    const std::uint64_t all = size.bytes + totals.uncoded_bytes;
    const auto best_in = totals.best_in.find(name);
    report::Row row{name,
                    std::to_string(size.bytes),
                    fmt::format("{:.3f}", 8 * ratio(size.bytes, totals.values)),
                    fmt::format("{:.2f}", ratio(totals.dense_bytes, size.bytes)),
                    std::to_string(all),
                    fmt::format("{:.2f}", ratio(totals.fp32_bytes, all)),
                    best_in == totals.best_in.end() ? "" : std::to_string(best_in->second)};
    if (report.timed) {
      row.push_back(speed(totals.dense_bits, size.encode_s));
      row.push_back(speed(totals.dense_bits, size.decode_s));
    }
    rows.push_back(row);
  }
  return "total\n" + report::aligned(rows);
}

std::string notes(const CoderReport& report, const CoderTotals& totals) {
  std::string text = fmt::format(
      "x: how many times smaller. Uncoded: {} bytes of scales{} that the weights also need, as they are in the trace. "
      "Biases and activations do not count. Best of each layer: with a byte a layer that names the coder.",
      totals.uncoded_bytes,
      std::any_of(report.layers.begin(), report.layers.end(), [](const auto& l) { return l.encoding == "smartdeal"; })
          ? ", basis matrices and their shifts"
          : "");
  const auto smartdeal = std::count_if(report.layers.begin(), report.layers.end(),
                                       [](const auto& layer) { return layer.encoding == "smartdeal"; });
  if (smartdeal > 0) {
    text += fmt::format(
        " {} of the layers are in SmartDeal form: what is coded are their coefficient symbols (0, or +-(e + 1) for "
        "+-2^P[e]), a row a coefficient row.",
        smartdeal);
  }
  if (report.timed) text += " MB/s: megabytes of the dense form, one thread, the best of three.";
  return report::wrapped(text, 100);
}

}  // namespace

void sort_by_size(CoderReport& report) {
  const CoderTotals totals = total_of(report.layers);
  std::stable_sort(report.coders.begin(), report.coders.end(), [&](const std::string& a, const std::string& b) {
    return totals.coders.at(a).bytes < totals.coders.at(b).bytes;
  });
}

std::string coders_text(const CoderReport& report) {
  const CoderTotals totals = total_of(report.layers);
  std::string text =
      fmt::format("{}: {} layers, {} weights; {} values coded, {:.1f}% of them zero\n", in_quotes(report.network),
                  report.layers.size(), totals.weights, totals.values, 100 * ratio(totals.zeros, totals.values));
  if (std::any_of(report.layers.begin(), report.layers.end(), [](const auto& layer) { return layer.synthetic; }))
    text += "SYNTHETIC: some weights are not from a trained network\n";
  text += "every coded matrix was decoded and is what was encoded\n\n";
  return text + layer_table(report) + "\n" + total_table(report, totals) + "\n" + notes(report, totals) + "\n";
}

}  // namespace rebasis::cli
