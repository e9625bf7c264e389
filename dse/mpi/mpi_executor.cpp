#include "dse/mpi/mpi_executor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "common/error.h"
#include "common/json.h"

namespace rebasis::dse {

namespace {

using Seconds = std::chrono::duration<double>;
constexpr auto poll = std::chrono::microseconds(200);

ProcessEnd end_from(const std::string& text) {
  const nlohmann::json value = parse_json(text, "message of a worker");
  ProcessEnd end;
  end.id = value.at("id");
  end.ending = static_cast<Ending>(value.at("ending").get<int>());
  end.result = value.at("result");
  end.reason = value.at("reason");
  end.log = value.at("log");
  end.seconds = value.at("seconds");
  return end;
}

}  // namespace

std::string host_of_process() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

MpiExecutor::MpiExecutor(Mailbox& mailbox, std::string memo_store, double patience_s)
    : mailbox_(mailbox),
      memo_store_(std::move(memo_store)),
      host_(host_of_process()),
      patience_(std::chrono::duration_cast<Clock::duration>(Seconds(patience_s))) {
  for (int rank = 1; rank < mailbox_.size(); ++rank) workers_[rank] = {};
}

std::size_t MpiExecutor::slots() const {
  return static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [](const auto& each) {
    const Worker& worker = each.second;
    return !worker.lost && (!worker.busy || worker.job != none);
  }));
}

std::size_t MpiExecutor::running() const {
  return static_cast<std::size_t>(
      std::count_if(workers_.begin(), workers_.end(), [](const auto& each) { return each.second.job != none; }));
}

void MpiExecutor::start(std::int64_t id, const Job& job, const PointLimits& limits) {
  const auto free = std::find_if(workers_.begin(), workers_.end(),
                                 [](const auto& each) { return !each.second.lost && !each.second.busy; });
  if (free == workers_.end()) fail_internal("no MPI worker is free");
  free->second.job = id;
  free->second.busy = true;
  mailbox_.send(free->first, Tag::job,
                rebasis::to_line(nlohmann::json{{"id", id},
                                                {"job", to_line(job)},
                                                {"seconds", limits.seconds},
                                                {"memory", limits.memory_bytes},
                                                {"host", host_},
                                                {"memo", memo_store_}}));
}

void MpiExecutor::read(const Message& message, std::vector<ProcessEnd>& ends) {
  const auto found = workers_.find(message.from);
  if (found == workers_.end()) return;
  Worker& worker = found->second;
  worker.heard = Clock::now();
  worker.lost = false;  // it was slow
  if (message.tag != Tag::result) return;
  ProcessEnd end = end_from(message.text);
  if (worker.job != none && worker.job != end.id) return;  // of a point that was given up meanwhile
  if (worker.job == end.id) ends.push_back(std::move(end));
  worker.job = none;
  worker.busy = false;
}

void MpiExecutor::find_lost(std::vector<ProcessEnd>& ends) {
  for (auto& [rank, worker] : workers_) {
    if (worker.lost || Clock::now() - worker.heard < patience_) continue;
    worker.lost = lost_any_ = true;
    if (worker.job == none) continue;
    ProcessEnd end;
    end.id = worker.job;
    end.ending = Ending::crashed;
    end.reason = fmt::format("the MPI worker of rank {} was lost", rank);
    worker.job = none;
    ends.push_back(std::move(end));
  }
  const bool alone = std::all_of(workers_.begin(), workers_.end(), [](const auto& each) { return each.second.lost; });
  if (alone && ends.empty()) fail_input("all MPI workers were lost; the same command goes on where this run stopped");
}

void MpiExecutor::beat() {
  if (Clock::now() - last_beat_ < Seconds(beat_s)) return;
  last_beat_ = Clock::now();
  for (const auto& [rank, worker] : workers_) {
    if (!worker.lost) mailbox_.send(rank, Tag::beat);
  }
}

std::vector<ProcessEnd> MpiExecutor::wait(double seconds) {
  const auto latest = Clock::now() + Seconds(seconds);
  std::vector<ProcessEnd> ends;
  while (true) {
    while (const auto message = mailbox_.receive()) read(*message, ends);
    if (ends.empty()) find_lost(ends);
    beat();
    if (!ends.empty() || Clock::now() >= latest) return ends;
    std::this_thread::sleep_for(poll);
  }
}

void MpiExecutor::cancel() {
  for (auto& [rank, worker] : workers_) {
    if (!worker.busy) continue;
    mailbox_.send(rank, Tag::cancel);
    worker.job = none;
    worker.busy = false;
  }
}

}  // namespace rebasis::dse
