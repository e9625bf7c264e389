// Where the points of a study are kept: one SQLite file that several processes may write. docs/store.md documents the
// tables, which users may query.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rebasis::dse {

inline constexpr int store_schema = 1;

/// queued: known, not begun; running: claimed by a worker until its lease ends; done; infeasible: the design cannot be
/// built or run; failed: crash, time-out or memory limit in each attempt.
enum class PointStatus { queued, running, done, infeasible, failed };
[[nodiscard]] const char* to_text(PointStatus status);
/// The inverse. Throws Error(bad_input).
[[nodiscard]] PointStatus point_status(const std::string& text);

struct StudyRow {
  std::int64_t id = 0;
  std::string name, file, text;  ///< `file` is absolute: where relative paths of the text start
};

struct PointRow {
  std::int64_t id = 0;
  std::string key;  ///< what the point is, canonical; unique in the store
  std::map<std::string, std::string> settings;
  PointStatus status = PointStatus::queued;
  std::string reason;  ///< of infeasible and failed
  std::int64_t attempts = 0;
  double seconds = 0;                      ///< of the last attempt
  std::map<std::string, double> metrics;   ///< of done
  std::map<std::string, double> energy;    ///< of done: pJ by component
  std::string log;                         ///< what a failed attempt wrote, its end
  std::int64_t reused = 0, simulated = 0;  ///< layers (of an image) whose counters were known, and the others
  std::string host, version;               ///< where, and by which program, the result was made
};

/// A layer of a workload of a point.
struct LayerRow {
  std::string workload;
  std::int64_t position = 0;
  std::string name;
  double cycles = 0, dram_bytes = 0, energy_pj = 0;  ///< of an image
};

/// Counters of layers by the key of what decides them.
using Memos = std::vector<std::pair<std::string, std::string>>;

struct FinishedPoint {
  PointStatus status = PointStatus::done;
  std::string reason, log;
  double seconds = 0;
  std::map<std::string, double> metrics, energy;
  std::vector<LayerRow> layers;
  std::int64_t reused = 0;  ///< layers (of an image) that were known
  Memos memos;              ///< of those that were simulated
};

/// A point as a study names it.
struct NewPoint {
  std::string key, settings;  ///< `settings`: JSON object of texts
  std::string infeasible;     ///< reason; empty: to be run
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
  std::int64_t add_study(const std::string& name, const std::string& file, const std::string& text);
  /// All of them, or those that have a point.
  [[nodiscard]] std::vector<StudyRow> studies(std::int64_t point = 0) const;
  /// Adds points that are not there, infeasible ones (also those that are queued again) with their reason; makes all of
  /// them the study's; returns the row of each. One transaction.
  std::vector<std::int64_t> add_points(std::int64_t study, const std::vector<NewPoint>& points);

  /// Claims the point for `owner` until `lease_seconds` from now; how often it has been claimed by now. 0: not claimed,
  /// because it is settled or another's.
  std::int64_t claim(std::int64_t id, const std::string& owner, double lease_seconds);
  /// Extends the leases of all points that `owner` has claimed.
  void heartbeat(const std::string& owner, double lease_seconds);
  /// Ends the leases of owners that are lost.
  void expire(const std::function<bool(const std::string& owner)>& is_lost);
  /// Gives a point that `owner` holds back to the queue, with the log of the attempt. False: the lease was lost.
  bool release(std::int64_t id, const std::string& owner, const std::string& log);
  /// The same for all that `owner` holds, as if never tried.
  void release_all(const std::string& owner);
  /// Writes the result if `owner` still holds the point; one transaction. False: the lease was lost.
  bool finish(std::int64_t id, const std::string& owner, const FinishedPoint& point);
  /// Gives points back to the queue: those of the given status, with all their attempts.
  std::int64_t requeue(PointStatus status);

  [[nodiscard]] std::optional<PointRow> find(std::int64_t id) const;
  [[nodiscard]] std::optional<PointRow> find(const std::string& key) const;
  /// In the order of ids; of one study, or (0) of all.
  [[nodiscard]] std::vector<PointRow> points(std::int64_t study = 0) const;
  [[nodiscard]] std::vector<LayerRow> layers(std::int64_t point) const;

  [[nodiscard]] std::optional<std::string> memo(const std::string& key) const;
  /// Keeps memos of points that another store has.
  void remember(const Memos& memos);

  /// Takes over what `other` has and this store has not; counts the points.
  std::int64_t merge(const std::string& other);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rebasis::dse
