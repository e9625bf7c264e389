// Small helpers for messages that users read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rebasis {

/// Text in single quotes, control characters and bytes above 126 escaped, cut after 80 characters, so that a hostile
/// file cannot write to the terminal through an error message.
std::string in_quotes(std::string_view text);

/// The candidate nearest to `word` by edit distance, or "" when none is near enough to be what was meant
/// (more than a third of the word differs). Ties go to the first candidate.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'x'?" or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

/// Fails (bad input) with "unknown KIND 'NAME'; ... known: a, b, c".
[[noreturn]] void fail_unknown_name(const SourceLocation& where, const std::string& kind, const std::string& name,
                                    const std::vector<std::string>& known);

}  // namespace rebasis
