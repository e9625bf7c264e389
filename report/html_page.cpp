#include "report/html_page.h"

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

}  // namespace

std::string html_page(const std::string& title, const std::string& id, const std::string& json,
                      std::string_view script) {
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
  out += "<script type=\"application/json\" id=\"" + id + "\">" + without_tags(json) + "</script>\n<script>\n";
  out += script;
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace rebasis::report
