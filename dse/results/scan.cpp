#include "dse/results/scan.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <nlohmann/json.hpp>

#include "common/error.h"

namespace rebasis::dse {

namespace {

constexpr int busy_milliseconds = 30'000;

std::string_view text_of(const SQLite::Column& column) {
  return {column.getText(), static_cast<std::size_t>(column.getBytes())};
}

/// Accepts one object whose members are all texts, or all numbers; whatever else makes the parser stop.
class FlatObject {
 public:
  using Text = std::function<void(std::string_view, std::string_view)>;
  using Number = std::function<void(std::string_view, double)>;
  FlatObject(const Text* text, const Number* number) : text_(text), number_(number) {}

  bool start_object(std::size_t) { return depth_++ == 0; }
  bool end_object() { return true; }
  bool key(std::string& name) {
    key_.swap(name);
    return true;
  }
  bool string(std::string& value) {
    if (depth_ == 0 || text_ == nullptr) return false;
    (*text_)(key_, value);
    return true;
  }
  bool number_float(double value, const std::string&) {
    if (depth_ == 0 || number_ == nullptr) return false;
    (*number_)(key_, value);
    return true;
  }
  bool number_integer(std::int64_t value) { return number_float(static_cast<double>(value), {}); }
  bool number_unsigned(std::uint64_t value) { return number_float(static_cast<double>(value), {}); }
  bool null() { return depth_ > 0 && number_ != nullptr; }
  bool boolean(bool) { return false; }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_array(std::size_t) { return false; }
  bool end_array() { return false; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

 private:
  const Text* text_;
  const Number* number_;
  std::string key_;
  int depth_ = 0;
};

void read_flat(std::string_view json, const std::string& path, FlatObject object) {
  if (!nlohmann::json::sax_parse(json, &object)) fail_input({path}, "a row of the store is damaged");
}

}  // namespace

void scan_points(const std::string& path, std::int64_t study, const std::function<void(const ScannedPoint&)>& visit) {
  { const Store check(path, Store::Mode::read); }
  try {
    SQLite::Database database(path, SQLite::OPEN_READONLY, busy_milliseconds);
    SQLite::Statement query(database,
                            "SELECT id, status, settings, metrics, reason, attempts, seconds FROM point WHERE id IN "
                            "(SELECT point FROM member WHERE study = ?) ORDER BY id");
    query.bind(1, study);
    while (query.executeStep()) {
      const SQLite::Column status = query.getColumn(1), settings = query.getColumn(2), metrics = query.getColumn(3),
                           reason = query.getColumn(4);
      visit({query.getColumn(0).getInt64(), point_status(std::string(text_of(status))), text_of(settings),
             text_of(metrics), text_of(reason), query.getColumn(5).getInt64(), query.getColumn(6).getDouble()});
    }
  } catch (const SQLite::Exception& error) {
    fail_input({path}, std::string("cannot be read: ") + error.what());
  }
}

void read_texts(std::string_view json, const std::string& path,
                const std::function<void(std::string_view, std::string_view)>& text) {
  read_flat(json, path, {&text, nullptr});
}

void read_numbers(std::string_view json, const std::string& path,
                  const std::function<void(std::string_view, double)>& number) {
  read_flat(json, path, {nullptr, &number});
}

}  // namespace rebasis::dse
