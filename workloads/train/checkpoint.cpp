#include "workloads/train/checkpoint.h"

#include <torch/serialize.h>

#include <sstream>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::train {

namespace {

constexpr std::int64_t columns = 5;  // of the table of epochs; a missing validation accuracy is negative

at::Tensor table_of(const std::vector<EpochReport>& epochs) {
  at::Tensor table = at::empty({static_cast<std::int64_t>(epochs.size()), columns}, at::kDouble);
  auto* row = table.data_ptr<double>();
  for (const EpochReport& epoch : epochs) {
    *row++ = static_cast<double>(epoch.epoch);
    *row++ = epoch.loss;
    *row++ = epoch.accuracy;
    *row++ = epoch.validation_accuracy.value_or(-1);
    *row++ = epoch.learning_rate;
  }
  return table;
}

std::vector<EpochReport> epochs_of(const at::Tensor& table) {
  if (table.dim() != 2 || table.size(1) != columns || table.scalar_type() != at::kDouble)
    fail_input("its table of epochs has another form");
  std::vector<EpochReport> epochs;
  const at::Tensor rows = table.contiguous();
  const auto* row = rows.data_ptr<double>();
  for (std::int64_t i = 0; i < table.size(0); ++i, row += columns) {
    EpochReport epoch{static_cast<std::int64_t>(row[0]), row[1], row[2], std::nullopt, row[4]};
    if (row[3] >= 0) epoch.validation_accuracy = row[3];
    epochs.push_back(epoch);
  }
  return epochs;
}

}  // namespace

void save_checkpoint(const std::string& path, const std::string& key, const TrainingState& state) {
  torch::serialize::OutputArchive archive;
  archive.write("key", c10::IValue(key));
  archive.write("epochs", table_of(state.epochs));
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
    at::Tensor table;
    archive.read("epochs", table);
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
    state.epochs = epochs_of(table);
  } catch (const c10::Error& error) {
    fail_input({path}, "is no checkpoint, or a damaged one; delete it to start again");
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) throw;
    fail_input({path}, std::string("cannot be resumed: ") + error.what());
  }
}

}  // namespace rebasis::train
