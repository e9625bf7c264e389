// The frame of every HTML page: style, script and data in one file that loads nothing.
#pragma once

#include <string>
#include <string_view>

#include "report/page.h"

namespace rebasis::report {

/// `json` is the data that the page's script finds in the element with that `id`; it may hold any text.
[[nodiscard]] std::string html_page(const std::string& title, const std::string& id, const std::string& json,
                                    std::string_view script = page_script);

}  // namespace rebasis::report
