// Outcomes as JSON, text and Markdown.
#pragma once

#include <string>
#include <vector>

#include "reproduce/outcome.h"

namespace rebasis::reproduce {

/// Numbers keep six significant digits, so that files compare between machines. Figures are named, not drawn.
[[nodiscard]] std::string to_json(const Outcome& outcome);
/// Reads what to_json wrote; `file` stands for it in messages.
[[nodiscard]] Outcome from_json(const std::string& text, const std::string& file);

/// For a terminal.
[[nodiscard]] std::string to_text(const Outcome& outcome);

/// The claims of all outcomes in one table, then a section each. Links to figures are `figures` + file name.
[[nodiscard]] std::string to_markdown(const std::vector<Outcome>& outcomes, const std::string& figures);

/// Differences of the numbers of `now` from those of `kept`, which may have more rows; a line each. Numbers are equal
/// when they differ by less than 1e-4 of the kept one: six digits are kept, and the last bits of exp and log
/// differ between machines.
[[nodiscard]] std::vector<std::string> differences(const Outcome& now, const Outcome& kept);

/// "1.23", "0.0123", "12.3", "1234"; "-" without a value.
[[nodiscard]] std::string short_number(const std::optional<double>& value);

}  // namespace rebasis::reproduce
