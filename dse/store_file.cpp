#include "dse/store_file.h"

#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace rebasis::dse {

namespace {

constexpr int busy_milliseconds = 30'000;   // writers wait for each other this long
constexpr int application_id = 0x52424153;  // "RBAS": tells a store from other SQLite files

/// Times are seconds since 1970. `settings`, `metrics` and `energy` are JSON objects.
constexpr const char* tables = R"(
CREATE TABLE study (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (file, text));
CREATE TABLE point (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'queued', reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0, owner TEXT, lease REAL, finished REAL, seconds REAL NOT NULL DEFAULT 0,
  metrics TEXT NOT NULL DEFAULT '{}', energy TEXT NOT NULL DEFAULT '{}', log TEXT NOT NULL DEFAULT '',
  reused INTEGER NOT NULL DEFAULT 0, simulated INTEGER NOT NULL DEFAULT 0,
  host TEXT NOT NULL DEFAULT '', version TEXT NOT NULL DEFAULT '');
CREATE INDEX point_running ON point(owner) WHERE status = 'running';
CREATE TABLE member (
  study INTEGER NOT NULL REFERENCES study(id), point INTEGER NOT NULL REFERENCES point(id),
  PRIMARY KEY (study, point)) WITHOUT ROWID;
CREATE TABLE layer (
  point INTEGER NOT NULL REFERENCES point(id), workload TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
  cycles REAL NOT NULL, dram_bytes REAL NOT NULL, energy_pj REAL NOT NULL,
  PRIMARY KEY (point, workload, position)) WITHOUT ROWID;
CREATE TABLE memo (key TEXT PRIMARY KEY, counters TEXT NOT NULL) WITHOUT ROWID;
)";

/// SQLite reads a store with a write-ahead log only where it may make that log's index, unless it is told that nobody
/// writes the file: in a folder that is read-only and holds no log, nobody does.
bool is_frozen(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  return access(folder.c_str(), W_OK) != 0 && !std::filesystem::exists(path + "-wal");
}

/// The file as a URI, which can say that nobody writes it.
std::string frozen(const std::string& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#')
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

SQLite::Database opened(const std::string& path, Store::Mode mode) {
  if (mode == Store::Mode::write) return {path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_milliseconds};
  if (is_frozen(path)) return {frozen(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, busy_milliseconds};
  return {path, SQLite::OPEN_READONLY, busy_milliseconds};
}

}  // namespace

StoreFile::StoreFile(const std::string& file, Store::Mode mode) : path(file), database(opened(file, mode)) {
  database.exec("PRAGMA foreign_keys = ON");
  if (mode == Store::Mode::write && !is_store() && is_empty()) create();
  if (!is_store()) fail_input({path}, "is a database, but no store of rebasis sweep");
  if (const int version = number("PRAGMA user_version"); version != store_schema)
    fail_input({path}, "the store has schema " + std::to_string(version) + ", this program reads " +
                           std::to_string(store_schema) + "; use the program that wrote it");
  // WAL with NORMAL: a killed process loses nothing that was committed; a power cut may lose the last commits.
  if (mode == Store::Mode::write) database.exec("PRAGMA synchronous = NORMAL");
}

bool StoreFile::is_store() { return number("PRAGMA application_id") == application_id; }

/// Another process may be doing the same.
void StoreFile::create() {
  use_write_ahead_log();
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (is_store() || !is_empty()) return;
  database.exec(tables);
  database.exec("PRAGMA application_id = " + std::to_string(application_id));
  database.exec("PRAGMA user_version = " + std::to_string(store_schema));
  transaction.commit();
}

/// The change of mode needs the file for itself and does not wait for it.
void StoreFile::use_write_ahead_log() {
  const auto latest = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_milliseconds);
  while (true) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& error) {
      if (error.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > latest) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

}  // namespace rebasis::dse
