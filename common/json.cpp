#include "common/json.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "common/error.h"

namespace rebasis {
namespace {

using nlohmann::json;

/// What a stranger's file wrote, for a terminal: 80 characters at most, none that control it.
std::string printable(const std::string& text) {
  constexpr std::size_t longest = 80;
  std::string out = text.substr(0, longest);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text.size() > longest ? out + "..." : out;
}

/// Watches the parser: depth, and keys that an object has twice (the parser itself would keep the last one silently).
class ParseGuard {
 public:
  ParseGuard(std::string name, int max_depth) : name_(std::move(name)), max_depth_(max_depth) {}

  bool operator()(int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if (depth > max_depth_) fail_input({name_}, "JSON is nested deeper than " + std::to_string(max_depth_) + " levels");
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key && !keys_.back().insert(value.get<std::string>()).second) {
      fail_input({name_}, "the key \"" + printable(value.get<std::string>()) + "\" occurs twice in one JSON object");
    }
    return true;
  }

 private:
  std::string name_;
  int max_depth_;
  std::vector<std::set<std::string>> keys_;
};

/// Without the library's prefix, and without the text that it read last, which may be long and anything.
std::string reason_of(const std::string& message) {
  const auto prefix = message.find("] ");
  const std::string reason = prefix == std::string::npos ? message : message.substr(prefix + 2);
  return printable(reason.substr(0, reason.find("; last read")));
}

int line_of(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

}  // namespace

json parse_json(std::string_view text, const std::string& name, int max_depth) {
  try {
    return json::parse(text, ParseGuard(name, max_depth));
  } catch (const json::parse_error& error) {
    fail_input({name, line_of(text, error.byte)}, "not valid JSON: " + reason_of(error.what()));
  } catch (const json::exception& error) {
    fail_input({name}, "not valid JSON: " + reason_of(error.what()));
  }
}

JsonObject::JsonObject(const json& value, std::string name) : value_(value), name_(std::move(name)) {
  if (!value.is_object()) fail_input(name_ + ": is " + value.type_name() + "; an object is needed");
}

void JsonObject::fail(const std::string& message) const { fail_input(name_ + ": " + message); }

const json& JsonObject::at(const std::string& key) const {
  const auto member = value_.find(key);
  if (member == value_.end()) fail("\"" + key + "\" is missing");
  return *member;
}

std::string JsonObject::text(const std::string& key) const {
  const json& member = at(key);
  if (!member.is_string()) fail("\"" + key + "\" is " + member.type_name() + "; a string is needed");
  return member.get<std::string>();
}

bool JsonObject::boolean(const std::string& key) const {
  const json& member = at(key);
  if (!member.is_boolean()) fail("\"" + key + "\" is " + member.type_name() + "; true or false is needed");
  return member.get<bool>();
}

namespace {

/// `value` as an integer within [low, high], or false.
bool integer_within(const json& value, std::int64_t low, std::int64_t high, std::int64_t& result) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return false;
  result = value.get<std::int64_t>();
  return result >= low && result <= high;
}

std::string range_text(std::int64_t low, std::int64_t high) {
  return "an integer from " + std::to_string(low) + " to " + std::to_string(high) + " is needed";
}

}  // namespace

std::int64_t JsonObject::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  std::int64_t result = 0;
  const json& member = at(key);
  if (!integer_within(member, low, high, result)) {
    fail("\"" + key + "\" is " + (member.is_number() ? to_line(member) : member.type_name()) + "; " +
         range_text(low, high));
  }
  return result;
}

double JsonObject::number(const std::string& key) const {
  const json& member = at(key);
  if (!member.is_number()) fail("\"" + key + "\" is " + member.type_name() + "; a number is needed");
  return member.get<double>();
}

const json& JsonObject::array(const std::string& key, std::size_t max_count) const {
  const json& member = at(key);
  if (!member.is_array()) fail("\"" + key + "\" is " + member.type_name() + "; an array is needed");
  if (member.size() > max_count) fail("\"" + key + "\" has more than " + std::to_string(max_count) + " elements");
  return member;
}

std::vector<std::int64_t> JsonObject::integers(const std::string& key, std::int64_t low, std::int64_t high,
                                               std::size_t max_count) const {
  std::vector<std::int64_t> result;
  for (const json& element : array(key, max_count)) {
    std::int64_t value = 0;
    if (!integer_within(element, low, high, value))
      fail("\"" + key + "\": " + range_text(low, high) + " in each place");
    result.push_back(value);
  }
  return result;
}

std::string JsonObject::one_of(const std::string& key, std::initializer_list<const char*> allowed) const {
  const std::string value = text(key);
  std::string list;
  for (const char* choice : allowed) {
    if (value == choice) return value;
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  fail("\"" + key + "\" is \"" + value + "\"; one of " + list + " is needed");
}

JsonObject JsonObject::object(const std::string& key) const { return {at(key), name_ + ": \"" + key + "\""}; }

std::string to_text(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n"; }
std::string to_line(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace rebasis
