#include "workloads/train/checkpoint.h"

#include <torch/serialize.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::train {

namespace {

nlohmann::json json_of(const std::map<std::string, Distribution>& distributions) {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, d] : distributions) all[name] = {d.low, d.high, d.counts, d.mean, d.deviation};
  return all;
}

std::map<std::string, Distribution> distributions_of(const nlohmann::json& all) {
  std::map<std::string, Distribution> distributions;
  for (const auto& [name, d] : all.items()) distributions[name] = {d.at(0), d.at(1), d.at(2), d.at(3), d.at(4)};
  return distributions;
}

nlohmann::json json_of(const std::vector<EpochReport>& epochs) {
  nlohmann::json all = nlohmann::json::array();
  for (const EpochReport& e : epochs)
    all.push_back({e.epoch, e.loss, e.accuracy, e.learning_rate, e.validation, e.metrics, json_of(e.distributions)});
  return all;
}

std::vector<EpochReport> epochs_of(const std::string& text) {
  std::vector<EpochReport> epochs;
  for (const auto& e : nlohmann::json::parse(text)) {
    epochs.push_back({e.at(0), e.at(1), e.at(2), e.at(3), e.at(4), e.at(5), distributions_of(e.at(6))});
  }
  return epochs;
}

}  // namespace

void save_checkpoint(const std::string& path, const std::string& key, const TrainingState& state) {
  torch::serialize::OutputArchive archive;
  archive.write("key", c10::IValue(key));
  archive.write("epochs", c10::IValue(json_of(state.epochs).dump()));
  for (std::size_t i = 0; i < state.tensors.size(); ++i)
    archive.write("tensor" + std::to_string(i), state.tensors[i].detach());
  torch::serialize::OutputArchive optimiser;
  state.optimiser.save(optimiser);
  archive.write("optimiser", optimiser);
  std::ostringstream bytes;
  archive.save_to(bytes);
  write_file(path, bytes.str());
}

void load_checkpoint(const std::string& path, const std::string& key, TrainingState& state) {
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(path);
    c10::IValue stored;
    archive.read("key", stored);
    if (!stored.isString() || stored.toStringRef() != key)
      fail_input("it belongs to another network, recipe or data; name another file");
    c10::IValue epochs;
    archive.read("epochs", epochs);
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < state.tensors.size(); ++i) {
      at::Tensor value;
      archive.read("tensor" + std::to_string(i), value);
      if (value.sizes() != state.tensors[i].sizes()) fail_input("its tensors have other shapes");
      state.tensors[i].copy_(value);
    }
    torch::serialize::InputArchive optimiser;
    archive.read("optimiser", optimiser);
    state.optimiser.load(optimiser);
    state.epochs = epochs_of(epochs.toStringRef());
  } catch (const nlohmann::json::exception&) {
    fail_input({path}, "is a damaged checkpoint; delete it to start again");
  } catch (const c10::Error&) {
    fail_input({path}, "is no checkpoint, or a damaged one; delete it to start again");
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) throw;
    fail_input({path}, std::string("cannot be resumed: ") + error.what());
  }
}

}  // namespace rebasis::train
