#include "dse/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/error.h"

namespace rebasis::dse {

namespace {

constexpr int busy_milliseconds = 30'000;   // writers wait for each other this long
constexpr int application_id = 0x52424153;  // "RBAS": tells a store from other SQLite files

/// Times are seconds since 1970. `settings` and `metrics` are JSON objects.
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
CREATE TABLE member (
  study INTEGER NOT NULL REFERENCES study(id), point INTEGER NOT NULL REFERENCES point(id),
  PRIMARY KEY (study, point)) WITHOUT ROWID;
CREATE TABLE layer (
  point INTEGER NOT NULL REFERENCES point(id), workload TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
  cycles REAL NOT NULL, dram_bytes REAL NOT NULL, energy_pj REAL NOT NULL,
  PRIMARY KEY (point, workload, position)) WITHOUT ROWID;
CREATE TABLE memo (key TEXT PRIMARY KEY, counters TEXT NOT NULL) WITHOUT ROWID;
)";

constexpr const char* row_columns =
    "SELECT id, key, settings, status, reason, attempts, seconds, metrics, log, energy, host, version, reused, "
    "simulated FROM point ";

constexpr const char* now = "(julianday('now') - 2440587.5) * 86400.0";

/// A point that this store only knows of takes the other's result; one that both finished stays.
constexpr const char* merge_points =
    "INSERT INTO point(key, settings, status, reason, attempts, finished, seconds, metrics, energy, log, reused, "
    "simulated, host, version) "
    "SELECT key, settings, CASE status WHEN 'running' THEN 'queued' ELSE status END, reason, attempts, finished, "
    "seconds, metrics, energy, log, reused, simulated, host, version FROM other.point WHERE true ORDER BY id "
    "ON CONFLICT (key) DO UPDATE SET status = excluded.status, reason = excluded.reason, attempts = excluded.attempts, "
    "finished = excluded.finished, seconds = excluded.seconds, metrics = excluded.metrics, energy = excluded.energy, "
    "log = excluded.log, reused = excluded.reused, simulated = excluded.simulated, host = excluded.host, "
    "version = excluded.version, owner = NULL, lease = NULL "
    "WHERE status IN ('queued', 'running') AND excluded.status != 'queued'";
constexpr const char* merge_statements[] = {
    "INSERT OR IGNORE INTO study(name, file, text) SELECT name, file, text FROM other.study ORDER BY id",
    "INSERT OR IGNORE INTO memo SELECT * FROM other.memo", merge_points,
    "INSERT OR IGNORE INTO member SELECT s.id, p.id FROM other.member m JOIN other.study os ON os.id = m.study "
    "JOIN other.point op ON op.id = m.point JOIN study s ON s.file = os.file AND s.text = os.text "
    "JOIN point p ON p.key = op.key",
    "INSERT OR IGNORE INTO layer SELECT p.id, l.workload, l.position, l.name, l.cycles, l.dram_bytes, "
    "l.energy_pj FROM other.layer l JOIN other.point op ON op.id = l.point JOIN point p ON p.key = op.key"};

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

PointRow row_of(SQLite::Statement& query) {
  PointRow row;
  row.id = query.getColumn(0).getInt64();
  row.key = query.getColumn(1).getString();
  row.settings = nlohmann::json::parse(query.getColumn(2).getString()).get<std::map<std::string, std::string>>();
  row.status = point_status(query.getColumn(3).getString());
  row.reason = query.getColumn(4).getString();
  row.attempts = query.getColumn(5).getInt64();
  row.seconds = query.getColumn(6).getDouble();
  row.metrics = nlohmann::json::parse(query.getColumn(7).getString()).get<std::map<std::string, double>>();
  row.log = query.getColumn(8).getString();
  row.energy = nlohmann::json::parse(query.getColumn(9).getString()).get<std::map<std::string, double>>();
  row.host = query.getColumn(10).getString();
  row.version = query.getColumn(11).getString();
  row.reused = query.getColumn(12).getInt64();
  row.simulated = query.getColumn(13).getInt64();
  return row;
}

}  // namespace

const char* to_text(PointStatus status) {
  switch (status) {
    case PointStatus::queued:
      return "queued";
    case PointStatus::running:
      return "running";
    case PointStatus::done:
      return "done";
    case PointStatus::infeasible:
      return "infeasible";
    case PointStatus::failed:
      return "failed";
  }
  return "";
}

PointStatus point_status(const std::string& text) {
  for (const PointStatus status :
       {PointStatus::queued, PointStatus::running, PointStatus::done, PointStatus::infeasible, PointStatus::failed}) {
    if (text == to_text(status)) return status;
  }
  fail_input("a point has the unknown status " + text);
}

struct Store::Impl {
  Impl(const std::string& file, Mode mode)
      : path(file),
        database(file, mode == Mode::read ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                 busy_milliseconds) {}

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

  void open(Mode mode) {
    database.exec("PRAGMA foreign_keys = ON");
    const int found = database.execAndGet("PRAGMA application_id").getInt();
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    if (found == application_id && version != store_schema)
      fail_input({path}, "the store has schema " + std::to_string(version) + ", this program reads " +
                             std::to_string(store_schema) + "; use the program that wrote it");
    if (found == application_id) return;
    if (mode == Mode::read || found != 0 || database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() != 0)
      fail_input({path}, "is a database, but no store of rebasis sweep");
    create();
  }

  void create() {
    database.exec("PRAGMA journal_mode = WAL");
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (database.execAndGet("PRAGMA application_id").getInt() == 0) {  // not made by another process meanwhile
      database.exec(tables);
      database.exec("PRAGMA application_id = " + std::to_string(application_id));
      database.exec("PRAGMA user_version = " + std::to_string(store_schema));
    }
    transaction.commit();
  }

  std::string path;
  std::string host = host_name();
  SQLite::Database database;
};

Store::Store(const std::string& path, Mode mode) {
  if (mode == Mode::read && !std::filesystem::exists(path)) fail_input({path}, "there is no such store");
  try {
    impl_ = std::make_unique<Impl>(path, mode);
    impl_->open(mode);
    // WAL with NORMAL: a killed process loses nothing that was committed; a power cut may lose the last commits.
    if (mode == Mode::write) impl_->database.exec("PRAGMA synchronous = NORMAL");
  } catch (const SQLite::Exception& error) {
    fail_input({path}, std::string("cannot be used as a store: ") + error.what());
  }
}

Store::~Store() = default;

std::int64_t Store::add_study(const std::string& name, const std::string& file, const std::string& text) {
  return impl_->guarded([&] {
    SQLite::Statement insert(impl_->database, "INSERT OR IGNORE INTO study(name, file, text) VALUES (?, ?, ?)");
    SQLite::bind(insert, name, file, text);
    insert.exec();
    SQLite::Statement query(impl_->database, "SELECT id FROM study WHERE file = ? AND text = ?");
    SQLite::bind(query, file, text);
    query.executeStep();
    return query.getColumn(0).getInt64();
  });
}

std::vector<StudyRow> Store::studies(std::int64_t point) const {
  return impl_->guarded([&] {
    SQLite::Statement query(impl_->database,
                            "SELECT id, name, file, text FROM study WHERE ?1 = 0 OR id IN "
                            "(SELECT study FROM member WHERE point = ?1) ORDER BY id");
    query.bind(1, point);
    std::vector<StudyRow> rows;
    while (query.executeStep())
      rows.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getString(), query.getColumn(2).getString(),
                      query.getColumn(3).getString()});
    return rows;
  });
}

std::vector<std::int64_t> Store::add_points(std::int64_t study, const std::vector<NewPoint>& points) {
  return impl_->guarded([&] {
    SQLite::Transaction transaction(impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement insert(impl_->database,
                             std::string("INSERT OR IGNORE INTO point(key, settings, status, reason, finished) VALUES "
                                         "(?1, ?2, ?3, ?4, CASE WHEN ?4 = '' THEN NULL ELSE ") +
                                 now + " END)");
    SQLite::Statement query(impl_->database, "SELECT id FROM point WHERE key = ?");
    SQLite::Statement join(impl_->database, "INSERT OR IGNORE INTO member VALUES (?, ?)");
    std::vector<std::int64_t> ids;
    for (const NewPoint& point : points) {
      const PointStatus status = point.infeasible.empty() ? PointStatus::queued : PointStatus::infeasible;
      SQLite::bind(insert, point.key, point.settings, to_text(status), point.infeasible);
      insert.exec();
      insert.reset();
      query.bind(1, point.key);
      query.executeStep();
      ids.push_back(query.getColumn(0).getInt64());
      query.reset();
      SQLite::bind(join, study, ids.back());
      join.exec();
      join.reset();
    }
    transaction.commit();
    return ids;
  });
}

std::int64_t Store::claim(std::int64_t id, const std::string& owner, double lease_seconds) {
  return impl_->guarded([&]() -> std::int64_t {
    SQLite::Statement update(
        impl_->database, std::string("UPDATE point SET status = 'running', attempts = attempts + 1, owner = ?2, "
                                     "lease = ") +
                             now + " + ?3 WHERE id = ?1 AND (status = 'queued' OR (status = 'running' AND lease < " +
                             now + ")) RETURNING attempts");
    SQLite::bind(update, id, owner, lease_seconds);
    if (!update.executeStep()) return 0;
    const std::int64_t attempts = update.getColumn(0).getInt64();
    (void)update.executeStep();  // to its end, which commits
    return attempts;
  });
}

void Store::heartbeat(const std::string& owner, double lease_seconds) {
  impl_->guarded([&] {
    SQLite::Statement update(impl_->database, std::string("UPDATE point SET lease = ") + now +
                                                  " + ?2 WHERE owner = ?1 AND status = 'running'");
    SQLite::bind(update, owner, lease_seconds);
    update.exec();
  });
}

bool Store::release(std::int64_t id, const std::string& owner, const std::string& log) {
  return impl_->guarded([&] {
    SQLite::Statement update(impl_->database,
                             "UPDATE point SET status = 'queued', owner = NULL, lease = NULL, log = ?3 WHERE id = ?1 "
                             "AND owner = ?2 AND status = 'running'");
    SQLite::bind(update, id, owner, log);
    return update.exec() == 1;
  });
}

void Store::release_all(const std::string& owner) {
  impl_->guarded([&] {
    SQLite::Statement update(impl_->database,
                             "UPDATE point SET status = 'queued', attempts = attempts - 1, owner = NULL, lease = NULL "
                             "WHERE owner = ?1 AND status = 'running'");
    SQLite::bind(update, owner);
    update.exec();
  });
}

bool Store::finish(std::int64_t id, const std::string& owner, const FinishedPoint& point) {
  return impl_->guarded([&] {
    SQLite::Transaction transaction(impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement update(
        impl_->database,
        std::string(
            "UPDATE point SET status = ?3, reason = ?4, seconds = ?5, metrics = ?6, log = "
            "?7, energy = ?8, host = ?9, version = ?10, reused = ?11, simulated = ?12, owner = NULL, lease = NULL, "
            "finished = ") +
            now + " WHERE id = ?1 AND owner = ?2 AND status = 'running'");
    SQLite::bind(update, id, owner, to_text(point.status), point.reason, point.seconds,
                 nlohmann::json(point.metrics).dump(), point.log, nlohmann::json(point.energy).dump(), impl_->host,
                 REBASIS_VERSION, point.reused, static_cast<std::int64_t>(point.memos.size()));
    if (update.exec() != 1) return false;
    SQLite::Statement insert(impl_->database, "INSERT OR REPLACE INTO layer VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (const LayerRow& layer : point.layers) {
      SQLite::bind(insert, id, layer.workload, layer.position, layer.name, layer.cycles, layer.dram_bytes,
                   layer.energy_pj);
      insert.exec();
      insert.reset();
    }
    SQLite::Statement remember(impl_->database, "INSERT OR IGNORE INTO memo VALUES (?, ?)");
    for (const auto& [key, counters] : point.memos) {
      SQLite::bind(remember, key, counters);
      remember.exec();
      remember.reset();
    }
    transaction.commit();
    return true;
  });
}

std::int64_t Store::requeue(PointStatus status) {
  return impl_->guarded([&] {
    SQLite::Statement update(
        impl_->database, "UPDATE point SET status = 'queued', attempts = 0, reason = '', log = '' WHERE status = ?");
    update.bind(1, to_text(status));
    return static_cast<std::int64_t>(update.exec());
  });
}

std::optional<PointRow> Store::find(std::int64_t id) const {
  return impl_->guarded([&]() -> std::optional<PointRow> {
    SQLite::Statement query(impl_->database, std::string(row_columns) + "WHERE id = ?");
    query.bind(1, id);
    if (!query.executeStep()) return std::nullopt;
    return row_of(query);
  });
}

std::optional<PointRow> Store::find(const std::string& key) const {
  return impl_->guarded([&]() -> std::optional<PointRow> {
    SQLite::Statement query(impl_->database, std::string(row_columns) + "WHERE key = ?");
    query.bind(1, key);
    if (!query.executeStep()) return std::nullopt;
    return row_of(query);
  });
}

std::vector<PointRow> Store::points(std::int64_t study) const {
  return impl_->guarded([&] {
    SQLite::Statement query(impl_->database, std::string(row_columns) +
                                                 "WHERE ?1 = 0 OR id IN (SELECT point FROM member WHERE study = ?1) "
                                                 "ORDER BY id");
    query.bind(1, study);
    std::vector<PointRow> rows;
    while (query.executeStep()) rows.push_back(row_of(query));
    return rows;
  });
}

std::vector<LayerRow> Store::layers(std::int64_t point) const {
  return impl_->guarded([&] {
    SQLite::Statement query(impl_->database,
                            "SELECT workload, position, name, cycles, dram_bytes, energy_pj FROM layer WHERE point = ? "
                            "ORDER BY workload, position");
    query.bind(1, point);
    std::vector<LayerRow> rows;
    while (query.executeStep()) {
      rows.push_back({query.getColumn(0).getString(), query.getColumn(1).getInt64(), query.getColumn(2).getString(),
                      query.getColumn(3).getDouble(), query.getColumn(4).getDouble(), query.getColumn(5).getDouble()});
    }
    return rows;
  });
}

std::optional<std::string> Store::memo(const std::string& key) const {
  return impl_->guarded([&]() -> std::optional<std::string> {
    SQLite::Statement query(impl_->database, "SELECT counters FROM memo WHERE key = ?");
    query.bind(1, key);
    if (!query.executeStep()) return std::nullopt;
    return query.getColumn(0).getString();
  });
}

std::int64_t Store::merge(const std::string& other) {
  { const Store check(other, Mode::read); }
  return impl_->guarded([&] {
    SQLite::Statement attach(impl_->database, "ATTACH DATABASE ? AS other");
    attach.bind(1, other);
    attach.exec();
    SQLite::Transaction transaction(impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    int added = 0;
    for (const char* statement : merge_statements) {
      const int changed = impl_->database.exec(statement);
      if (statement == merge_points) added = changed;
    }
    transaction.commit();
    impl_->database.exec("DETACH DATABASE other");
    return static_cast<std::int64_t>(added);
  });
}

}  // namespace rebasis::dse
