#include "workloads/graph/names.h"

#include <cctype>

namespace rebasis::graph {

std::string clean_name(const std::string& name) {
  constexpr std::size_t longest = 120;
  std::string text;
  for (const char letter : name) {
    if (text.size() == longest) break;
    const bool keep = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-' ||
                      letter == '.' || letter == ':';
    const char replaced = keep ? letter : (letter == '/' ? '.' : '_');
    if (text.empty() && replaced == '.') continue;
    text += replaced;
  }
  return text;
}

}  // namespace rebasis::graph
