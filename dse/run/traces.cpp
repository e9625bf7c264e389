#include "dse/run/traces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "common/data_dir.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "common/sha256.h"
#include "dse/model_digest.h"

extern char** environ;

namespace rebasis::dse {

namespace {

namespace fs = std::filesystem;

/// The program with all commands: this one, or what is beside libexec/rebasis, where this one is.
std::string rebasis_program() {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  const fs::path folder = self.parent_path();
  if (folder.filename() != "rebasis" || folder.parent_path().filename() != "libexec") return self.string();
  return (folder.parent_path().parent_path() / "bin" / "rebasis").string();
}

/// Runs rebasis with other arguments, standard error into `log`. Its exit status, 128 + N after signal N.
int run_self(const std::vector<std::string>& arguments, const std::string& log) {
  const std::string self = rebasis_program();
  std::vector<std::string> words{self};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = 0;
  const int error = posix_spawn(&process, self.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail_input({self}, std::strerror(error));
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) kill(process, SIGTERM);  // whoever stops us means it, too
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string recipe_path(const std::string& recipe, const std::string& study_file) {
  const bool is_path = recipe.find('/') != std::string::npos || recipe.ends_with(".yaml");
  if (!is_path) return data_path("workloads/recipes/" + recipe + ".yaml");
  if (fs::path(recipe).is_absolute()) return recipe;
  return (fs::path(study_file).parent_path() / recipe).lexically_normal().string();
}

}  // namespace

std::string substituted(const std::string& text, const Point& point, const SourceLocation& where) {
  std::string result;
  std::size_t position = 0;
  while (true) {
    const std::size_t begin = text.find("${", position);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return result + text.substr(position);
    result += text.substr(position, begin - position);
    const std::string name = text.substr(begin + 2, end - begin - 2);
    if (const auto setting = point.settings.find(name); setting != point.settings.end()) {
      result += setting->second;
    } else if (const auto number = point.numbers.find(name); number != point.numbers.end()) {
      result += fmt::format("{}", number->second);
    } else {
      fail_input(where, "${" + name + "} is no dimension of the study");
    }
    position = end + 1;
  }
}

const std::string& Traces::file_digest(const std::string& path) {
  auto& digest = digests_[path];
  if (!digest.empty()) return digest;
  if (!fs::is_directory(path)) return digest = sha256_of_file(path);
  std::string text;  // a folder of images: its names, sizes and times
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file())
      text += fmt::format("{} {} {}\n", entry.path().string(), entry.file_size(),
                          entry.last_write_time().time_since_epoch().count());
  }
  return digest = sha256(text);
}

/// The words that begin the command which makes the workload's trace, and what decides its content besides the recipe.
std::vector<std::string> Traces::command(const Workload& workload, std::string& content) {
  std::vector<std::string> words;
  if (!workload.synthetic.empty()) {
    const bool is_path = workload.synthetic.ends_with(".yaml");
    content +=
        file_digest(is_path ? workload.synthetic : data_path("workloads/networks/" + workload.synthetic + ".yaml"));
    words = {"networks", "trace", workload.synthetic};
  } else {
    content += file_digest(workload.network) + file_digest(workload.inputs);
    words = {"compress", workload.network, "--inputs", workload.inputs};
  }
  if (!workload.labels.empty()) {
    words.insert(words.end(), {"--labels", workload.labels});
    content += file_digest(workload.labels);
  }
  words.insert(words.end(), workload.compress.begin(), workload.compress.end());
  for (const std::string& option : workload.compress) content += "\n" + option;
  return words;
}

Traces::Recipe Traces::expanded(const Workload& workload, const Design& design, const Point& point) const {
  if (design.recipe.empty())
    fail_input(workload.where, "there is no recipe to compress " + workload.name + " with; write recipe: NAME");
  const std::string path = recipe_path(design.recipe, study_.file);
  return {design.recipe, substituted(read_file(path), point, {path, 0})};
}

std::string Traces::path(const Workload& workload, const Design& design, const Point& point) {
  if (!workload.trace.empty()) return workload.trace;
  const Recipe recipe = expanded(workload, design, point);
  const std::string key = workload.name + "\n" + recipe.text;
  if (const auto failed = failed_.find(key); failed != failed_.end()) fail_infeasible(failed->second);
  auto& path = made_[key];
  if (path.empty()) {
    try {
      path = make(workload, recipe);
    } catch (const Error& error) {
      made_.erase(key);
      if (error.status() == Status::infeasible) failed_[key] = error.what();
      throw;
    }
  }
  return path;
}

std::string Traces::make(const Workload& workload, const Recipe& recipe) {
  std::string content = recipe.text;
  std::vector<std::string> options = command(workload, content);
  const std::string stem = folder_ + "/" + workload.name + "-" + sha256(content + REBASIS_MODEL_DIGEST).substr(0, 16);
  const std::string target = stem + ".trace";
  if (fs::exists(target)) return target;
  fs::create_directories(folder_);
  write_file(stem + ".recipe.yaml", recipe.text);
  options.insert(options.end(), {"--recipe", stem + ".recipe.yaml", "--output", target, "--quiet"});
  Progress::note("compress " + workload.name + " with " + recipe.name);
  const int status = run_self(options, stem + ".log");
  if (status == 0) return target;
  const std::string said = read_file(stem + ".log");
  if (status >= 128) fail_input("compressing " + workload.name + " was interrupted");
  if (status > static_cast<int>(Status::bad_input))  // no property of the design: memory, a disk, a fault of ours
    fail_input("compressing " + workload.name + " failed: " + said);
  fail_infeasible("compress " + workload.name + ": " + said.substr(0, said.find_last_not_of('\n') + 1));
}

}  // namespace rebasis::dse
