// Text for a terminal: columns, cut names, wrapped lines.
#pragma once

#include <string>
#include <vector>

namespace rebasis::report {

/// At most `width` characters of UTF-8; a longer text loses its middle ("~"), since the ends tell layers apart. Control
/// characters, which could steer a terminal, become '?'.
[[nodiscard]] std::string shortened(const std::string& text, std::size_t width);

using Row = std::vector<std::string>;
/// The first `names` columns are aligned left, the others right; two spaces between. At least one row.
[[nodiscard]] std::string aligned(const std::vector<Row>& rows, std::size_t names = 1);

/// Lines of at most `width` characters, the second and later ones indented by two.
[[nodiscard]] std::string wrapped(const std::string& text, std::size_t width);

}  // namespace rebasis::report
