// What a JSON text is, by its `schema.name`.
#pragma once

#include <string>

namespace rebasis::report {

/// True when `text` is a JSON object whose `schema.name` is `name`, whatever its version.
[[nodiscard]] bool has_schema(const std::string& text, const std::string& name);

}  // namespace rebasis::report
