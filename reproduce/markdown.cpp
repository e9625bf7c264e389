#include <fmt/format.h>

#include <algorithm>

#include "reproduce/render.h"

namespace rebasis::reproduce {
namespace {

/// A cell of a table: no bars, no line breaks.
std::string cell(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text.empty() ? " " : text;
}

std::string summary(const std::vector<Outcome>& outcomes) {
  std::string text = "| table or figure | claim | holds here | because |\n| --- | --- | --- | --- |\n";
  for (const Outcome& outcome : outcomes) {
    for (const Verdict& verdict : outcome.verdicts) {
      text += fmt::format("| [{}](#{}) | {} | **{}** | {} |\n", cell(outcome.source), outcome.name, cell(verdict.claim),
                          to_string(verdict.holds), cell(verdict.because));
    }
  }
  return text;
}

std::string rows_table(const Outcome& outcome) {
  std::string text =
      "| | quantity | ours | published | ours / published | unit | weights | activations |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Row& row : outcome.rows) {
    const std::string ours = row.ours ? short_number(row.ours) : "missing";
    const std::string name = row.note.empty() ? row.name : row.name + " (" + row.note + ")";
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", cell(name), cell(row.quantity), ours,
                        short_number(row.published), short_number(row.ratio()), cell(row.unit), to_string(row.weights),
                        to_string(row.activations));
  }
  return text;
}

std::string sensitivity_table(const Outcome& outcome) {
  std::string text =
      "\nHow far numbers move when a free assumption takes another plausible value:\n\n"
      "| assumption | setting | quantity | value | in the table above | unit |\n| --- | --- | --- | --- | --- | --- "
      "|\n";
  for (const Sensitivity& one : outcome.sensitivity) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", cell(one.assumption), cell(one.setting),
                        cell(one.quantity), short_number(one.value), short_number(one.usual), cell(one.unit));
  }
  return text;
}

std::string section(const Outcome& outcome, const std::string& figures) {
  std::string text = fmt::format("\n<a id=\"{}\"></a>\n## {}: {}\n\n`rebasis reproduce {}`\n\n", outcome.name,
                                 outcome.source, outcome.title, outcome.name);
  text += "*How the published values were read.* " + outcome.reading + "\n\n";
  if (!outcome.made_by.empty()) text += "*Measured before, not computed now.* " + outcome.made_by + "\n\n";
  for (const Verdict& verdict : outcome.verdicts)
    text += fmt::format("* {}: **{}**; {}\n", verdict.claim, to_string(verdict.holds), verdict.because);
  if (!outcome.assumption.empty()) text += "\n*The assumption that matters most:* " + outcome.assumption + "\n";
  text += "\n" + rows_table(outcome);
  for (const Figure& figure : outcome.figures)
    text += fmt::format("\n![{}]({}{})\n", figure.title, figures, figure.file);
  if (!outcome.sensitivity.empty()) text += sensitivity_table(outcome);
  if (!outcome.notes.empty()) text += "\n";
  for (const std::string& note : outcome.notes) text += "* " + note + "\n";
  return text;
}

}  // namespace

std::string to_markdown(const std::vector<Outcome>& outcomes, const std::string& figures) {
  std::string text = "## Claims\n\n" + summary(outcomes);
  for (const Outcome& outcome : outcomes) text += section(outcome, figures);
  return text;
}

}  // namespace rebasis::reproduce
