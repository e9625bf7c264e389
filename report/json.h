// The result JSON (docs/result-schema.md): the machine-readable truth that every other rendering can be made from.
#pragma once

#include <string>

#include "report/document.h"

namespace rebasis::report {

/// The file's text. The bytes depend on nothing but `document`; integers are written without a fraction and other
/// numbers in the shortest form that reads back exactly.
[[nodiscard]] std::string to_json(const Document& document);

/// Parses and checks a result; `file` names it in messages. A text that is not JSON, is nested too deep, has another
/// schema or a newer version, lacks a field, holds a wrong type or a value out of range, or whose stall causes do not
/// sum to the cycles throws Error(bad_input).
[[nodiscard]] Document from_json(const std::string& text, const std::string& file);

/// True when `text` is a result, of whatever version.
[[nodiscard]] bool looks_like_result(const std::string& text);

/// Writes atomically: the file is complete or not there.
void write_result_json(const Document& document, const std::string& path);
void write_result_json(const sim::Result& result, const std::string& path);

/// Reads at most 64 MiB.
[[nodiscard]] Document read_result_json(const std::string& path);

}  // namespace rebasis::report
