// The page of the HTML report, bundled by report/html/build.mjs when the program is built.
#pragma once

#include <string_view>

namespace rebasis::report {

extern const std::string_view page_script;   ///< JavaScript; reads the element `results` and fills the element `report`
extern const std::string_view study_script;  ///< the same for the page of a study, without the charting library
extern const std::string_view page_style;    ///< CSS

}  // namespace rebasis::report
