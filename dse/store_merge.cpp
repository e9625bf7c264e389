#include "dse/store_file.h"

namespace rebasis::dse {

namespace {

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

}  // namespace

std::int64_t merge_into(SQLite::Database& database, const std::string& other) {
  SQLite::Statement attach(database, "ATTACH DATABASE ? AS other");
  attach.bind(1, other);
  attach.exec();
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  int added = 0;
  for (const char* statement : merge_statements) {
    const int changed = database.exec(statement);
    if (statement == merge_points) added = changed;
  }
  transaction.commit();
  database.exec("DETACH DATABASE other");
  return added;
}

}  // namespace rebasis::dse
