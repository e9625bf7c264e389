#include "dse/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "dse/store_file.h"

namespace rebasis::dse {

namespace {

constexpr const char* row_columns =
    "SELECT id, key, settings, status, reason, attempts, seconds, metrics, log, energy, host, version, reused, "
    "simulated FROM point ";

constexpr const char* now = "(julianday('now') - 2440587.5) * 86400.0";

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
  constexpr std::array names{"queued", "running", "done", "infeasible", "failed"};
  return names.at(static_cast<std::size_t>(status));
}

PointStatus point_status(const std::string& text) {
  for (const PointStatus status :
       {PointStatus::queued, PointStatus::running, PointStatus::done, PointStatus::infeasible, PointStatus::failed}) {
    if (text == to_text(status)) return status;
  }
  fail_input("a point has the unknown status " + text);
}

struct Store::Impl : StoreFile {
  using StoreFile::StoreFile;

  void remember(const Memos& memos) {
    SQLite::Statement insert(database, "INSERT OR IGNORE INTO memo VALUES (?, ?)");
    for (const auto& [key, counters] : memos) {
      SQLite::bind(insert, key, counters);
      insert.exec();
      insert.reset();
    }
  }

  std::string host = host_name();
};

Store::Store(const std::string& path, Mode mode) {
  if (mode == Mode::read && !std::filesystem::exists(path)) fail_input({path}, "there is no such store");
  try {
    impl_ = std::make_unique<Impl>(path, mode);
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
    // A point that is refused again after --rerun infeasible is in the queue.
    SQLite::Statement insert(
        impl_->database,
        std::string("INSERT INTO point(key, settings, status, reason, finished) VALUES (?1, ?2, ?3, ?4, "
                    "CASE WHEN ?4 = '' THEN NULL ELSE ") +
            now +
            " END) ON CONFLICT (key) DO UPDATE SET status = excluded.status, reason = excluded.reason, finished = "
            "excluded.finished WHERE status = 'queued' AND excluded.status = 'infeasible'");
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

void Store::expire(const std::function<bool(const std::string&)>& is_lost) {
  impl_->guarded([&] {
    SQLite::Statement query(impl_->database, "SELECT DISTINCT owner FROM point WHERE status = 'running'");
    std::vector<std::string> lost;
    while (query.executeStep()) {
      const std::string owner = query.getColumn(0).getString();
      if (is_lost(owner)) lost.push_back(owner);
    }
    SQLite::Statement update(impl_->database, "UPDATE point SET lease = 0 WHERE owner = ? AND status = 'running'");
    for (const std::string& owner : lost) {
      update.bind(1, owner);
      update.exec();
      update.reset();
    }
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
    impl_->remember(point.memos);
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

void Store::remember(const Memos& memos) {
  impl_->guarded([&] {
    SQLite::Transaction transaction(impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    impl_->remember(memos);
    transaction.commit();
  });
}

std::int64_t Store::merge(const std::string& other) {
  { const Store check(other, Mode::read); }
  return impl_->guarded([&] { return merge_into(impl_->database, other); });
}

}  // namespace rebasis::dse
