#include "report/timeline.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::report {
namespace {

using Json = nlohmann::ordered_json;

/// Track of each of the first `kept` events, and the tracks' names in order of display. Viewers draw slices of one
/// track only when they do not overlap, so a block whose slices do (a drain that outlasts the next) gets further
/// tracks.
struct Tracks {
  std::vector<std::string> names;
  std::vector<std::size_t> of_event;
};

Tracks assign_tracks(const std::vector<sim::TimelineEvent>& events, std::size_t kept) {
  struct Lane {
    std::size_t track;
    std::uint64_t end;
  };
  Tracks tracks;
  std::map<std::string, std::vector<Lane>> lanes_of;
  for (std::size_t i = 0; i < kept; ++i) {
    const sim::TimelineEvent& event = events[i];
    if (event.end_cycle < event.begin_cycle) fail_internal("timeline: `" + event.name + "` ends before it begins");
    std::vector<Lane>& lanes = lanes_of[event.track];
    auto lane =
        std::find_if(lanes.begin(), lanes.end(), [&](const Lane& other) { return other.end <= event.begin_cycle; });
    if (lane == lanes.end()) {
      tracks.names.push_back(lanes.empty() ? event.track : event.track + " (" + std::to_string(lanes.size() + 1) + ")");
      lane = lanes.insert(lanes.end(), {tracks.names.size() - 1, 0});
    }
    lane->end = event.end_cycle;
    tracks.of_event.push_back(lane->track);
  }
  return tracks;
}

Json name_record(const char* kind, std::size_t track, const std::string& name) {
  return {{"ph", "M"}, {"pid", 1}, {"tid", track}, {"name", kind}, {"args", {{"name", name}}}};
}

std::string line(const Json& record) { return record.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string to_timeline(const std::vector<sim::TimelineEvent>& events, std::size_t limit) {
  const std::size_t kept = std::min(limit, events.size());
  const Tracks tracks = assign_tracks(events, kept);
  const Json about = {{"time", "1 us in the viewer is 1 accelerator cycle"},
                      {"slices", kept},
                      {"slices_left_out", events.size() - kept},
                      {"most_slices", limit}};
  std::string out = "{\"displayTimeUnit\":\"ms\",\"otherData\":" + line(about) + ",\"traceEvents\":[\n";
  out += line(name_record("process_name", 0, "accelerator (1 us = 1 cycle)"));
  for (std::size_t track = 0; track < tracks.names.size(); ++track) {
    out += ",\n" + line(name_record("thread_name", track, tracks.names[track]));
    const Json position = {{"sort_index", track}};
    out += ",\n" + line({{"ph", "M"}, {"pid", 1}, {"tid", track}, {"name", "thread_sort_index"}, {"args", position}});
  }
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const sim::TimelineEvent& event = events[i];
    end = std::max(end, event.end_cycle);
    out += ",\n" + line({{"ph", "X"},
                         {"pid", 1},
                         {"tid", tracks.of_event[i]},
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
