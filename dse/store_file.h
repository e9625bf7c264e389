// The SQLite file of a store: how it is opened, made and checked. docs/store.md documents its tables.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <nlohmann/json.hpp>
#include <string>

#include "common/error.h"
#include "dse/store.h"

namespace rebasis::dse {

struct StoreFile {
  /// Throws Error(bad_input) when it is no store and (write) cannot become one, and SQLite::Exception.
  StoreFile(const std::string& file, Store::Mode mode);

  /// What SQLite throws becomes the message of an Error.
  template <class Work>
  auto guarded(Work&& work) const {
    try {
      return work();
    } catch (const SQLite::Exception& error) {
      fail_input({path}, std::string(error.what()) + "; the store keeps what was written before");
    } catch (const nlohmann::json::exception&) {
      fail_input({path}, "a row of the store is damaged");
    }
  }

  std::string path;
  SQLite::Database database;

 private:
  [[nodiscard]] int number(const char* query) { return database.execAndGet(query).getInt(); }
  [[nodiscard]] bool is_store();
  [[nodiscard]] bool is_empty() { return number("SELECT count(*) FROM sqlite_master") == 0; }
  void create();
  void use_write_ahead_log();
};

/// Store::merge; throws SQLite::Exception.
std::int64_t merge_into(SQLite::Database& database, const std::string& other);

}  // namespace rebasis::dse
