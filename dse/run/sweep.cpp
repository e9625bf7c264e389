#include "dse/run/sweep.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "common/error.h"
#include "dse/run/owner.h"

namespace rebasis::dse {

namespace {

constexpr double poll_s = 0.5;              // how soon a point of another process, and Ctrl-C without a signal, is seen
constexpr std::size_t most_at_once = 4096;  // points looked up and queued together

bool settled(PointStatus status) { return status != PointStatus::queued && status != PointStatus::running; }

}  // namespace

Sweep::Sweep(const Study& study, Store& store, Candidates& candidates, Executor& executor, SweepOptions options,
             Watch watch)
    : study_(study),
      store_(store),
      candidates_(candidates),
      executor_(executor),
      options_(options),
      watch_(std::move(watch)),
      owner_(unique_owner()) {}

SweepSummary Sweep::run() {
  store_.expire(is_gone);  // an earlier run that was killed
  study_id_ = store_.add_study(study_.name, std::filesystem::absolute(study_.file).string(), study_.text);
  for (PointRow& row : store_.points()) learn(std::move(row));
  const auto strategy = StrategyRegistry::global().create(study_.strategy.name, study_.strategy.options);
  const StrategyContext context{study_.space, study_.objectives.size(), study_.budget.points,
                                static_cast<std::uint64_t>(study_.seed)};
  try {
    strategy->run(context, [this](const std::vector<Choice>& choices) { return evaluate(choices); });
  } catch (const Ended&) {
  } catch (...) {
    executor_.cancel();
    store_.release_all(owner_);
    throw;
  }
  return summary_;
}

void Sweep::end(const std::string& reason) {
  summary_.ended = reason;
  throw Ended{};
}

bool Sweep::out_of_time() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
  return study_.budget.seconds > 0 && seconds >= study_.budget.seconds;
}

bool Sweep::mine(const std::string& key) const {
  return std::stoull(key.substr(0, 12), nullptr, 16) % options_.shards == options_.shard;
}

PointRow Sweep::stored(std::int64_t id) const {
  std::optional<PointRow> row = store_.find(id);
  if (!row) fail_input("point " + std::to_string(id) + " was deleted from the store while the sweep ran");
  return std::move(*row);
}

void Sweep::learn(PointRow row) {
  keys_[row.id] = row.key;
  rows_[row.key] = std::move(row);
}

/// Candidates for the choices that were not asked before and are within the budget.
std::vector<Candidate> Sweep::within_budget(const std::vector<Choice>& choices) {
  std::vector<Candidate> fresh;
  for (const Choice& choice : choices) {
    if (asked_.contains(choice)) continue;
    const bool full = study_.budget.points > 0 && asked_.size() >= static_cast<std::size_t>(study_.budget.points);
    if (full || stop_level() > 0) break;
    Candidate candidate;
    try {
      candidate = candidates_.make(choice);
    } catch (const Error&) {
      if (stop_level() > 0) break;  // Ctrl-C reached the compression of a network, too
      throw;
    }
    asked_[choice] = candidate.key;
    if (mine(candidate.key)) fresh.push_back(std::move(candidate));
  }
  return fresh;
}

/// A search that has converged, or has seen its whole space, would ask for known points for ever.
void Sweep::note_progress(std::size_t choices, std::size_t asked_before) {
  constexpr std::size_t enough = 10'000;
  stale_ = asked_.size() > asked_before ? 0 : stale_ + choices;
  if (stale_ >= enough)
    end("the search has converged: the last " + std::to_string(stale_) + " points it asked for were not new");
}

std::vector<Evaluation> Sweep::evaluate(const std::vector<Choice>& choices) {
  const std::size_t asked_before = asked_.size();
  for (std::size_t first = 0; first < choices.size(); first += most_at_once) {
    if (out_of_time()) end("the time of the budget is spent");
    const auto begin = choices.begin() + static_cast<std::ptrdiff_t>(first);
    const auto last = choices.begin() + static_cast<std::ptrdiff_t>(std::min(choices.size(), first + most_at_once));
    std::vector<Candidate> fresh = within_budget({begin, last});
    std::vector<NewPoint> points;
    for (const Candidate& c : fresh) points.push_back({c.key, c.settings, c.infeasible});
    const std::vector<std::int64_t> ids = store_.add_points(study_id_, points);
    std::deque<Pending> pending;
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      const bool known = rows_.contains(fresh[i].key);
      if (!known) learn(stored(ids[i]));
      const PointRow& row = rows_.at(fresh[i].key);
      ++summary_.asked;
      if (!settled(row.status))
        pending.push_back({row.id, std::move(fresh[i].job)});
      else
        count(row, known);  // not known: infeasible, or settled by another process just now
    }
    run_pending(std::move(pending));
    if (stop_level() > 0) {
      summary_.interrupted = true;
      end("interrupted");
    }
  }
  note_progress(choices.size(), asked_before);
  std::vector<Evaluation> answers;
  for (const Choice& choice : choices) {
    const auto key = asked_.find(choice);
    if (key == asked_.end()) end("the points of the budget are spent");
    const auto row = rows_.find(key->second);
    answers.push_back(row == rows_.end() ? Evaluation{} : evaluation_of(row->second));
  }
  return answers;
}

void Sweep::count(const PointRow& row, bool known) {
  if (known) ++summary_.known;
  if (row.status == PointStatus::done) ++summary_.done;
  if (row.status == PointStatus::infeasible) ++summary_.infeasible;
  if (row.status == PointStatus::failed) ++summary_.failed;
  if (!known) {
    summary_.layers_reused += row.reused;
    summary_.layers_simulated += row.simulated;
  }
  if (watch_) watch_(summary_, row);
}

Evaluation Sweep::evaluation_of(const PointRow& row) const {
  Evaluation answer;
  if (row.status != PointStatus::done) return answer;
  for (const Objective& objective : study_.objectives) {
    const auto value = row.metrics.find(objective.metric);
    if (value == row.metrics.end()) {
      fail_input(objective.where, "the results have no " + objective.metric +
                                      (objective.metric == "accuracy" ? "; give every network labels" : ""));
    }
    answer.losses.push_back(objective.maximise ? -value->second : value->second);
  }
  answer.feasible = std::all_of(study_.constraints.begin(), study_.constraints.end(),
                                [&](const Expression& constraint) { return constraint.holds(row.metrics); });
  return answer;
}

void Sweep::run_pending(std::deque<Pending> pending) {
  std::deque<Pending> elsewhere;  // claimed by other processes
  while (!pending.empty() || !in_flight_.empty() || !elsewhere.empty()) {
    if (stop_level() == 0 && !out_of_time()) deal(pending, elsewhere);
    const bool stopping = stop_level() > 0 || out_of_time();
    if (stopping && (in_flight_.empty() || stop_level() > 1)) break;
    collect(pending, std::min(poll_s, options_.lease_s / 4));
    heartbeat();
    check_elsewhere(pending, elsewhere);
  }
  if (!in_flight_.empty()) {
    executor_.cancel();
    in_flight_.clear();
    store_.release_all(owner_);
  }
  if (out_of_time()) end("the time of the budget is spent");
}

void Sweep::deal(std::deque<Pending>& pending, std::deque<Pending>& elsewhere) {
  while (!pending.empty() && executor_.running() < executor_.slots()) {
    Pending next = std::move(pending.front());
    pending.pop_front();
    const std::int64_t attempts = store_.claim(next.id, owner_, options_.lease_s);
    if (attempts == 0) {
      elsewhere.push_back(std::move(next));
    } else if (attempts > study_.limits.attempts) {
      FinishedPoint lost;
      lost.status = PointStatus::failed;
      lost.reason = "its worker was lost " + std::to_string(attempts - 1) + " times";
      settle(std::move(next), std::move(lost), elsewhere);
    } else {
      attempts_[next.id] = attempts;
      executor_.start(next.id, next.job, study_.limits);
      in_flight_[next.id] = std::move(next);
    }
  }
}

void Sweep::collect(std::deque<Pending>& pending, double seconds) {
  if (in_flight_.empty()) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return;
  }
  for (const ProcessEnd& ended : executor_.wait(seconds)) end_attempt(ended, pending);
}

void Sweep::end_attempt(ProcessEnd ended, std::deque<Pending>& pending) {
  const auto flight = in_flight_.find(ended.id);
  Pending work = std::move(flight->second);
  in_flight_.erase(flight);
  FinishedPoint point;
  if (ended.ending == Ending::finished) {
    try {
      point = finished_from_line(ended.result);
    } catch (const Error& error) {  // it left by exit(), say
      ended.ending = Ending::crashed;
      ended.reason = std::string("handed back no result: ") + error.what();
    }
  }
  if (ended.ending == Ending::crashed && attempts_.at(ended.id) < study_.limits.attempts) {
    (void)store_.release(ended.id, owner_, ended.log);  // a lost lease: the next claim will tell
    pending.push_back(std::move(work));
    return;
  }
  if (ended.ending != Ending::finished) {
    point.status = PointStatus::failed;
    point.reason = ended.reason;
  }
  point.log = ended.log;
  point.seconds = ended.seconds;
  settle(std::move(work), std::move(point), pending);
}

/// After a lost lease another's result will stand: then the point goes to `unsettled`.
void Sweep::settle(Pending work, const FinishedPoint& point, std::deque<Pending>& unsettled) {
  if (!store_.finish(work.id, owner_, point)) {
    unsettled.push_back(std::move(work));
    return;
  }
  learn(stored(work.id));
  const PointRow& row = rows_.at(keys_.at(work.id));
  count(row, false);
  (void)evaluation_of(row);  // an objective that results do not have is an error of the first point, not of the last
}

/// Points that other processes hold: take over their results, and the points whose lease has run out.
void Sweep::check_elsewhere(std::deque<Pending>& pending, std::deque<Pending>& elsewhere) {
  if (!elsewhere.empty() && Clock::now() - last_look_ > std::chrono::duration<double>(poll_s)) {
    store_.expire(is_gone);
    last_look_ = Clock::now();
  }
  for (std::size_t i = elsewhere.size(); i > 0; --i) {
    Pending point = std::move(elsewhere.front());
    elsewhere.pop_front();
    PointRow row = stored(point.id);
    if (settled(row.status)) {
      learn(std::move(row));
      count(rows_.at(keys_.at(point.id)), false);
    } else {
      (executor_.running() < executor_.slots() ? pending : elsewhere).push_back(std::move(point));
    }
  }
}

void Sweep::heartbeat() {
  if (std::chrono::duration<double>(Clock::now() - last_heartbeat_).count() < options_.lease_s / 4) return;
  store_.heartbeat(owner_, options_.lease_s);
  last_heartbeat_ = Clock::now();
}

}  // namespace rebasis::dse
