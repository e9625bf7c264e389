#include "report/html.h"

#include "common/error.h"
#include "report/comparison.h"
#include "report/html_page.h"
#include "report/json.h"

namespace rebasis::report {
namespace {

std::string as_data(const std::vector<Document>& results) {
  std::string out = "[";
  for (const Document& result : results) out += (out.size() > 1 ? "," : "") + to_json(result);
  return out + "]";
}

std::string title(const std::vector<Document>& results) {
  if (results.size() > 1) return "Rebasis: comparison of " + std::to_string(results.size()) + " results";
  const Document& result = results.front();
  return "Rebasis: " + result.network + " on " + result.accelerator.name +
         (result.totals.synthetic ? " (SYNTHETIC)" : "");
}

}  // namespace

std::string to_html(const std::vector<Document>& results) {
  if (results.empty()) fail_input("there is no result to report on; give the file of at least one");
  return html_page(title(results), "results", as_data(results));
}

std::string to_html(const Comparison& comparison) {
  std::string networks;
  for (const std::string& network : comparison.networks) networks += (networks.empty() ? "" : ", ") + network;
  return html_page("Rebasis: comparison on " + networks + (comparison.synthetic ? " (SYNTHETIC)" : ""), "comparison",
                   to_json(comparison));
}

}  // namespace rebasis::report
