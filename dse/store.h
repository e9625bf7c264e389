// Where the points of a study are kept: one SQLite file that several processes may write. docs/store.md documents the
// tables, which users may query.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace rebasis::dse {

inline constexpr int store_schema = 1;

/// queued: known, not begun; running: claimed by a worker until its lease ends; done; infeasible: the design cannot be
/// built or run; failed: crash, time-out or memory limit in each attempt.
enum class PointStatus { queued, running, done, infeasible, failed };
[[nodiscard]] const char* to_text(PointStatus status);

struct PointRow {
  std::int64_t id = 0;
  std::string key;  ///< what the point is, canonical; unique in the store
  std::map<std::string, std::string> settings;
  PointStatus status = PointStatus::queued;
  std::string reason;  ///< of infeasible and failed
  std::int64_t attempts = 0;
  double seconds = 0;                     ///< of the last attempt
  std::map<std::string, double> metrics;  ///< of done
  std::string log;                        ///< what a failed attempt wrote, its end
};

/// A layer of a workload of a point.
struct LayerRow {
  std::string workload;
  std::int64_t position = 0;
  std::string name, memo;  ///< key of its memoised counters
  std::uint64_t cycles = 0, dram_bytes = 0;
  double energy_pj = 0;
};

struct FinishedPoint {
  PointStatus status = PointStatus::done;
  std::string reason, log;
  double seconds = 0;
  std::map<std::string, double> metrics;
  std::vector<LayerRow> layers;
};

class Store {
 public:
  enum class Mode { read, write };
  /// Opens the file, or makes it (write). Throws Error(bad_input) when it is no store, one of another schema, or cannot
  /// be written.
  Store(const std::string& path, Mode mode);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Keeps the study's text once; returns its number.
  std::int64_t add_study(const std::string& name, const std::string& sha256, const std::string& text);
  /// Adds points that are not there; returns the row of each.
  std::vector<std::int64_t> add_points(std::int64_t study,
                                       const std::vector<std::pair<std::string, std::string>>& keys_and_settings);

  /// Claims the point for `owner` until `lease_seconds` from now. False: done already, or another's.
  bool claim(std::int64_t id, const std::string& owner, double lease_seconds);
  /// Extends the leases of all points that `owner` has claimed.
  void heartbeat(const std::string& owner, double lease_seconds);
  /// Writes the result if `owner` still holds the point; one transaction. False: the lease was lost.
  bool finish(std::int64_t id, const std::string& owner, const FinishedPoint& point);
  /// Gives points back to the queue: those of the given status.
  std::int64_t requeue(PointStatus status);

  [[nodiscard]] std::optional<PointRow> find(std::int64_t id) const;
  [[nodiscard]] std::optional<PointRow> find(const std::string& key) const;
  /// In the order of ids.
  [[nodiscard]] std::vector<PointRow> points() const;
  [[nodiscard]] std::vector<LayerRow> layers(std::int64_t point) const;

  [[nodiscard]] std::optional<std::string> memo(const std::string& key) const;
  void remember(const std::vector<std::pair<std::string, std::string>>& memos);

  /// Takes over what `other` has and this store has not; counts the points.
  std::int64_t merge(const std::string& other);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rebasis::dse
