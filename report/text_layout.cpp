#include "report/text_layout.h"

#include <algorithm>

namespace rebasis::report {
namespace {

/// The characters of UTF-8; control characters, which could steer a terminal, become '?'.
std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0U) == 0x80U;
    if (!continues || out.empty()) out.emplace_back();
    out.back() += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return out;
}

std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string shortened(const std::string& text, std::size_t width) {
  const std::vector<std::string> all = characters(text);
  const bool cut = all.size() > width;
  const std::size_t start = cut ? width / 3 : all.size();
  std::string out;
  for (std::size_t i = 0; i < start; ++i) out += all[i];
  if (!cut) return out;
  out += "~";
  for (std::size_t i = all.size() - (width - start - 1); i < all.size(); ++i) out += all[i];
  return out;
}

std::string aligned(const std::vector<Row>& rows, std::size_t names) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - columns_of(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i < names ? row[i] + pad : pad + row[i]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string wrapped(const std::string& text, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::size_t length = end - at;
    if (used > 0 && used + 1 + length > width) {
      out += "\n  ";
      used = 2;
    } else if (used > 0) {
      out += " ";
      ++used;
    }
    out += shortened(text.substr(at, length), width);
    used += std::min(length, width);
    at = end + 1;
  }
  return out + "\n";
}

}  // namespace rebasis::report
