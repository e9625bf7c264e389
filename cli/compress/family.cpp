#include "cli/compress/family.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <optional>

#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/progress.h"
#include "common/temporary.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* unfinished = ".unfinished-";

/// A folder that this process works in; others leave it alone while it does.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) : file_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    held_ = file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  }
  ~FolderLock() {
    if (file_ >= 0) ::close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  int file_;
  bool held_ = false;
};

/// What a process that was killed has left in `folder`.
void remove_leftovers(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(unfinished)) leftovers.push_back(entry->path());
  }
  for (const fs::path& path : leftovers) {
    if (!FolderLock(path.string()).held()) continue;  // another process is at work
    fs::remove_all(path, error);
    if (!error) Progress::note(path.string() + " was left by a run that was killed, and is removed");
  }
}

/// Files appear in the folder together: they are written beside each other inside it first.
class Staging {
 public:
  explicit Staging(const std::string& folder) : folder_(folder) {
    remove_leftovers(folder_);
    if (!fs::exists(folder_)) own_.emplace_back(folder, TemporaryPath::Kind::folder);
    const fs::path inside = folder_ / (unfinished + std::to_string(getpid()));
    own_.emplace_back(inside.string(), TemporaryPath::Kind::folder);
    std::error_code error;
    fs::create_directories(inside, error);
    if (error) fail_input({folder}, "cannot be made a folder: " + error.message() + "; name a folder with -o");
    lock_.emplace(inside.string());
  }
  ~Staging() {
    while (!own_.empty()) own_.pop_back();  // files before the folder that they are in
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Where to write the file that will be `name`.
  [[nodiscard]] std::string inside(const std::string& name) {
    const std::string path = (folder_ / (unfinished + std::to_string(getpid())) / name).string();
    own_.emplace_back(path, TemporaryPath::Kind::file);
    return path;
  }
  [[nodiscard]] std::string final(const std::string& name) const { return (folder_ / name).string(); }
  /// Files that were inside take their places; an interruption takes back those that have.
  void settle(const std::vector<FamilyMember>& members) {
    std::list<TemporaryPath> settled;
    for (const FamilyMember& member : members) {
      std::error_code error;
      fs::rename(folder_ / (unfinished + std::to_string(getpid())) / (member.name + ".trace"), member.trace, error);
      if (error) fail_input({member.trace}, "cannot be written: " + error.message() + "; name another folder with -o");
      settled.emplace_back(member.trace, TemporaryPath::Kind::file);
    }
    for (TemporaryPath& file : settled) file.keep();
  }

 private:
  fs::path folder_;
  std::list<TemporaryPath> own_;  ///< the folder when it is new, the one inside it, files in that
  std::optional<FolderLock> lock_;
};

std::vector<std::string> names_of(const std::vector<std::string>& networks) {
  std::vector<std::string> names;
  for (const std::string& network : networks) {
    names.push_back(fs::path(network).stem().string());
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      fail_input({network}, "has the name of another network; give one of them another name");
  }
  return names;
}

FamilyMember member_of(const compress::CompressReport& report) {
  FamilyMember member;
  encode::LayerSizes sizes;
  double zeros = 0, weights = 0;
  for (std::size_t i = 0; i < report.model.layers.size(); ++i) {
    const compress::Layer& layer = report.model.layers[i];
    const auto count = static_cast<double>(layer.shape.weights());
    zeros += count * layer.statistics.at("weight_value_sparsity");
    weights += count;
    sizes += report.sizes[i];
  }
  member.zero_weights = zeros / weights;
  member.bytes = sizes.total();
  member.fp32_bytes = sizes.fp32;
  member.compression_rate = encode::compression_rate(sizes);
  member.images = report.images;
  member.accuracy_before = report.accuracy_before;
  member.accuracy_after = report.accuracy_after;
  member.output_error = report.output_error;
  return member;
}

std::string percent(double share) { return fmt::format("{:.2f}", 100 * share); }

}  // namespace

std::vector<FamilyMember> compress_family(const std::vector<std::string>& networks, const std::string& folder,
                                          compress::CompressRequest request, const CompressOne& compress_one) {
  const std::vector<std::string> names = names_of(networks);
  Staging staging(folder);
  std::vector<FamilyMember> members;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    request.network = networks[i];
    request.output = staging.inside(names[i] + ".trace");
    members.push_back(member_of(compress_one(request)));
    members.back().name = names[i];
    members.back().trace = staging.final(names[i] + ".trace");
  }
  staging.settle(members);
  return members;
}

std::vector<FamilyMember> compress_into_family(const std::vector<std::string>& networks,
                                               compress::CompressRequest request, const CompressOne& compress_one) {
  const std::string output = request.output;
  { const AtomicFile can_be_written(output); }  // found out now, not after the work
  const std::vector<std::string> names = names_of(networks);
  const TemporaryPath folder(output + unfinished + std::to_string(getpid()), TemporaryPath::Kind::folder);
  std::vector<FamilyMember> members;
  std::vector<trace::FamilyPart> parts;
  std::list<TemporaryPath> files;  // go before the folder does
  fs::create_directory(folder.path());
  for (std::size_t i = 0; i < networks.size(); ++i) {
    request.network = networks[i];
    request.output = files.emplace_back(folder.path() + "/" + names[i], TemporaryPath::Kind::file).path();
    members.push_back(member_of(compress_one(request)));
    members.back().name = names[i];
    members.back().trace = trace::subnet_path(output, names[i]);
    parts.push_back({names[i], request.output, {}});
  }
  const std::string network = trace::TraceReader(parts.front().path).metadata().network;
  trace::join_traces(parts, network, output);
  return members;
}

std::string family_text(const std::vector<FamilyMember>& members, const std::string& recipe) {
  constexpr double kilo = 1e3;
  std::size_t width = 7;
  for (const FamilyMember& member : members) width = std::max(width, member.name.size());
  const bool labelled = members.front().accuracy_before.has_value();
  std::string text =
      fmt::format("Recipe {}, {} image{}\n\n", recipe, members.front().images, members.front().images == 1 ? "" : "s");
  text += fmt::format("{:<{}} {:>8} {:>10} {:>7} {}\n", "network", width, "zero %", "kB", "CR",
                      labelled ? "top-1 % before  after" : "output differs by");
  for (const FamilyMember& member : members) {
    const std::string quality =
        labelled ? fmt::format("{:>14} {:>6}", percent(*member.accuracy_before), percent(*member.accuracy_after))
                 : fmt::format("{:>17.3g}", *member.output_error);
    text += fmt::format("{:<{}} {:>8} {:>10.1f} {:>7.2f} {}\n", member.name, width, percent(member.zero_weights),
                        static_cast<double>(member.bytes) / kilo, member.compression_rate, quality);
  }
  return text;
}

std::string family_json(const std::vector<FamilyMember>& members, const std::string& recipe) {
  nlohmann::json networks = nlohmann::json::array();
  for (const FamilyMember& member : members) {
    nlohmann::json json{{"network", member.name},          {"trace", member.trace},
                        {"sparsity", member.zero_weights}, {"bytes", member.bytes},
                        {"fp32_bytes", member.fp32_bytes}, {"compression_rate", member.compression_rate},
                        {"images", member.images}};
    if (member.accuracy_before) {
      json["accuracy_before"] = *member.accuracy_before;
      json["accuracy_after"] = *member.accuracy_after;
    } else {
      json["output_error"] = *member.output_error;
    }
    networks.push_back(json);
  }
  return to_text({{"recipe", recipe}, {"networks", networks}});
}

}  // namespace rebasis::cli
