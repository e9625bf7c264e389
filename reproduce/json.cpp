#include "common/json.h"

#include <fmt/format.h>

#include "common/error.h"
#include "reproduce/render.h"

namespace rebasis::reproduce {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 10'000;
constexpr int schema_version = 1;

Json number(const std::optional<double>& value) {
  if (!value) return nullptr;
  return std::stod(fmt::format("{:.6g}", *value));
}

std::optional<double> optional_number(const JsonObject& object, const std::string& key) {
  if (object.at(key).is_null()) return std::nullopt;
  return object.number(key);
}

Origin origin_of(const std::string& text, const JsonObject& object) {
  for (const Origin origin : {Origin::none, Origin::formula, Origin::synthetic, Origin::trained, Origin::measured}) {
    if (to_string(origin) == text) return origin;
  }
  object.fail("unknown origin of values");
}

Holds holds_of(const std::string& text, const JsonObject& object) {
  for (const Holds holds : {Holds::yes, Holds::partly, Holds::no, Holds::open}) {
    if (to_string(holds) == text) return holds;
  }
  object.fail("unknown verdict");
}

Row read_row(const JsonObject& object) {
  Row row;
  row.name = object.text("row");
  row.quantity = object.text("quantity");
  row.unit = object.text("unit");
  row.ours = optional_number(object, "ours");
  row.published = optional_number(object, "published");
  row.weights = origin_of(object.text("weights"), object);
  row.activations = origin_of(object.text("activations"), object);
  row.note = object.text("note");
  return row;
}

template <class Read>
void each(const JsonObject& object, const std::string& key, const Read& read) {
  for (const nlohmann::json& element : object.array(key, most_rows))
    read(JsonObject(element, object.name() + ": " + key));
}

}  // namespace

std::string to_json(const Outcome& outcome) {
  Json out;
  out["schema"] = {{"name", "rebasis-reproduction"}, {"version", schema_version}};
  for (const auto& [key, text] : {std::pair{"target", &outcome.name},
                                  {"title", &outcome.title},
                                  {"source", &outcome.source},
                                  {"reading", &outcome.reading},
                                  {"assumption", &outcome.assumption},
                                  {"made_by", &outcome.made_by}})
    out[key] = *text;
  for (const char* const list : {"rows", "verdicts", "sensitivity", "figures"}) out[list] = Json::array();
  for (const Row& row : outcome.rows) {
    out["rows"].push_back({{"row", row.name},
                           {"quantity", row.quantity},
                           {"unit", row.unit},
                           {"ours", number(row.ours)},
                           {"published", number(row.published)},
                           {"ratio", number(row.ratio())},
                           {"weights", to_string(row.weights)},
                           {"activations", to_string(row.activations)},
                           {"note", row.note}});
  }
  for (const Verdict& verdict : outcome.verdicts)
    out["verdicts"].push_back(
        {{"claim", verdict.claim}, {"holds", to_string(verdict.holds)}, {"because", verdict.because}});
  for (const Sensitivity& one : outcome.sensitivity) {
    out["sensitivity"].push_back({{"assumption", one.assumption},
                                  {"setting", one.setting},
                                  {"quantity", one.quantity},
                                  {"unit", one.unit},
                                  {"value", number(one.value)},
                                  {"usual", number(one.usual)}});
  }
  for (const Figure& figure : outcome.figures)
    out["figures"].push_back({{"file", figure.file}, {"title", figure.title}});
  out["notes"] = outcome.notes;
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Outcome from_json(const std::string& text, const std::string& file) {
  const nlohmann::json json = parse_json(text, file);
  const JsonObject root(json, file);
  Outcome outcome;
  for (const auto& [key, member] : {std::pair{"target", &outcome.name},
                                    {"title", &outcome.title},
                                    {"source", &outcome.source},
                                    {"reading", &outcome.reading},
                                    {"assumption", &outcome.assumption},
                                    {"made_by", &outcome.made_by}})
    *member = root.text(key);
  each(root, "rows", [&](const JsonObject& row) { outcome.rows.push_back(read_row(row)); });
  each(root, "verdicts", [&](const JsonObject& one) {
    outcome.verdicts.push_back({one.text("claim"), holds_of(one.text("holds"), one), one.text("because")});
  });
  each(root, "sensitivity", [&](const JsonObject& one) {
    outcome.sensitivity.push_back({one.text("assumption"), one.text("setting"), one.text("quantity"), one.text("unit"),
                                   one.number("value"), one.number("usual")});
  });
  each(root, "figures", [&](const JsonObject& one) {
    outcome.figures.push_back({one.text("file"), one.text("title"), ""});
  });
  for (const nlohmann::json& note : root.array("notes", most_rows)) {
    if (!note.is_string()) root.fail("notes are texts");
    outcome.notes.push_back(note.get<std::string>());
  }
  return outcome;
}

}  // namespace rebasis::reproduce
