#include "report/schema.h"

#include "common/error.h"
#include "common/json.h"

namespace rebasis::report {

bool has_schema(const std::string& text, const std::string& name) {
  if (text.find(name) == std::string::npos) return false;  // a large file need not be parsed
  try {
    const nlohmann::json parsed = parse_json(text, "");
    return parsed.is_object() && parsed.contains("schema") && parsed["schema"].is_object() &&
           parsed["schema"].value("name", nlohmann::json()) == name;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace rebasis::report
