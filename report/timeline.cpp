#include "report/timeline.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::report {
namespace {

using Json = nlohmann::ordered_json;

/// Number of each track: the one of layers is the parent of what happens in them and comes first.
std::map<std::string, int> number_tracks(const std::vector<sim::TimelineEvent>& events) {
  std::map<std::string, int> tracks;
  int next = 1;
  for (const sim::TimelineEvent& event : events) {
    if (event.track == "layer") {
      tracks.emplace(event.track, 0);
    } else if (tracks.emplace(event.track, next).second) {
      ++next;
    }
  }
  return tracks;
}

Json name_record(const char* kind, int track, const std::string& name) {
  return {{"ph", "M"}, {"pid", 1}, {"tid", track}, {"name", kind}, {"args", {{"name", name}}}};
}

std::string line(const Json& record) { return record.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string to_timeline(const std::vector<sim::TimelineEvent>& events, std::size_t limit) {
  const std::size_t kept = std::min(limit, events.size());
  const std::map<std::string, int> tracks = number_tracks(events);
  const Json about = {{"time", "1 us in the viewer is 1 accelerator cycle"},
                      {"slices", kept},
                      {"slices_left_out", events.size() - kept},
                      {"most_slices", limit}};
  std::string out = "{\"displayTimeUnit\":\"ms\",\"otherData\":" + line(about) + ",\"traceEvents\":[\n";
  out += line(name_record("process_name", 0, "accelerator (1 us = 1 cycle)"));
  for (const auto& [name, track] : tracks) {
    out += ",\n" + line(name_record("thread_name", track, name));
    out += ",\n" + line({{"ph", "M"},
                         {"pid", 1},
                         {"tid", track},
                         {"name", "thread_sort_index"},
                         {"args", {{"sort_index", track}}}});
  }
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const sim::TimelineEvent& event = events[i];
    if (event.end_cycle < event.begin_cycle) fail_internal("timeline: `" + event.name + "` ends before it begins");
    end = std::max(end, event.end_cycle);
    out += ",\n" + line({{"ph", "X"},
                         {"pid", 1},
                         {"tid", tracks.at(event.track)},
                         {"ts", event.begin_cycle},
                         {"dur", event.end_cycle - event.begin_cycle},
                         {"name", event.name}});
  }
  if (kept < events.size()) {
    const std::string text = "cut here: " + std::to_string(events.size() - kept) + " more slices are not in this file";
    out += ",\n" + line({{"ph", "i"}, {"s", "g"}, {"pid", 1}, {"tid", 0}, {"ts", end}, {"name", text}});
  }
  return out + "\n]}\n";
}

void write_timeline(const std::vector<sim::TimelineEvent>& events, const std::string& path) {
  write_file(path, to_timeline(events));
}

}  // namespace rebasis::report
