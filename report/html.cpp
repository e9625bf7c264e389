#include "report/html.h"

#include "common/error.h"
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
std::string as_data(const std::vector<Document>& results) {
  std::string out = "[";
  for (const Document& result : results) {
    if (out.size() > 1) out += ",";
    for (const char c : to_json(result)) c == '<' ? out += "\\u003c" : out += c;
  }
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
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  // The browser itself enforces that the page loads nothing.
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
      "style-src 'unsafe-inline'; img-src data: blob:\">\n";
  out += "<title>" + escaped(title(results)) + "</title>\n<style>\n";
  out += page_style;
  out +=
      "</style>\n</head>\n<body>\n<main id=\"report\"><noscript>This report draws its charts with JavaScript; the same "
      "numbers are in the element with id results, as JSON.</noscript></main>\n";
  out += "<script type=\"application/json\" id=\"results\">" + as_data(results) + "</script>\n<script>\n";
  out += page_script;
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace rebasis::report
