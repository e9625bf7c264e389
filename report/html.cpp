#include "report/html.h"

#include "common/error.h"
#include "report/comparison.h"
#include "report/json.h"
#include "report/page.h"

namespace rebasis::report {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// JSON that cannot end the script element that holds it.
std::string without_tags(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) c == '<' ? out += "\\u003c" : out += c;
  return out;
}

std::string as_data(const std::vector<Document>& results) {
  std::string out = "[";
  for (const Document& result : results) out += (out.size() > 1 ? "," : "") + without_tags(to_json(result));
  return out + "]";
}

std::string title(const std::vector<Document>& results) {
  if (results.size() > 1) return "Rebasis: comparison of " + std::to_string(results.size()) + " results";
  const Document& result = results.front();
  return "Rebasis: " + result.network + " on " + result.accelerator.name +
         (result.totals.synthetic ? " (SYNTHETIC)" : "");
}

/// `data` is JSON; the page's script finds it in the element with that `id`.
std::string page(const std::string& title, const std::string& id, const std::string& data) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  // The browser itself enforces that the page loads nothing.
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
      "style-src 'unsafe-inline'; img-src data: blob:\">\n";
  out += "<title>" + escaped(title) + "</title>\n<style>\n";
  out += page_style;
  out +=
      "</style>\n</head>\n<body>\n<main id=\"report\"><noscript>This report draws its charts with JavaScript; the same "
      "numbers are in the element with id " +
      id + ", as JSON.</noscript></main>\n";
  out += "<script type=\"application/json\" id=\"" + id + "\">" + data + "</script>\n<script>\n";
  out += page_script;
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace

std::string to_html(const std::vector<Document>& results) {
  if (results.empty()) fail_input("there is no result to report on; give the file of at least one");
  return page(title(results), "results", as_data(results));
}

std::string to_html(const Comparison& comparison) {
  std::string networks;
  for (const std::string& network : comparison.networks) networks += (networks.empty() ? "" : ", ") + network;
  return page("Rebasis: comparison on " + networks + (comparison.synthetic ? " (SYNTHETIC)" : ""), "comparison",
              without_tags(to_json(comparison)));
}

}  // namespace rebasis::report
