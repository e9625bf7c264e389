#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "workloads/run/executor.h"

namespace rebasis::run {
namespace {

std::string printable(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape)
    text += (text.empty() ? "" : " x ") + (extent < 0 ? std::string("any") : std::to_string(extent));
  return text;
}

Tensor<float> images(const Tensor<float>& inputs, std::int64_t first, std::int64_t count) {
  Shape shape = inputs.shape;
  const std::int64_t each = inputs.size() / shape[0];
  shape[0] = count;
  const auto begin = inputs.values.begin() + first * each;
  return Tensor<float>(std::move(shape), std::vector<float>(begin, begin + count * each));
}

/// Appends `part` to `whole` along the first axis.
void append(Tensor<float>& whole, Tensor<float>&& part) {
  if (whole.shape.empty()) {
    whole = std::move(part);
    return;
  }
  whole.shape[0] += part.shape[0];
  whole.values.insert(whole.values.end(), part.values.begin(), part.values.end());
}

/// Calls work(0) .. work(count - 1), on `threads` threads that take the next number each. The first failure ends all
/// and is thrown.
void share_out(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex failure_access;
  const auto take_chunks = [&] {
    try {
      for (std::size_t chunk = next++; chunk < count; chunk = next++) work(chunk);
    } catch (...) {
      const std::lock_guard lock(failure_access);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::jthread> helpers;
  for (std::size_t helper = 1; helper < std::min(threads, count); ++helper) helpers.emplace_back(take_chunks);
  take_chunks();
  helpers.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void check_input(const graph::Graph& graph, const Shape& shape) {
  if (graph.inputs.size() != 1) {
    fail_input({graph.file}, "the network has " + std::to_string(graph.inputs.size()) +
                                 " inputs; networks with one input can be run");
  }
  const Shape& wanted = graph.inputs[0].shape;
  bool fits = wanted.size() == shape.size() && !shape.empty() && shape[0] > 0;
  for (std::size_t axis = 1; fits && axis < shape.size(); ++axis)
    fits = wanted[axis] < 0 || wanted[axis] == shape[axis];
  if (!fits) {
    fail_input({graph.file}, "the network reads inputs of shape " + printable(wanted) + " but is given " +
                                 printable(shape) + "; give inputs of its shape");
  }
}

std::vector<Tensor<float>> Executor::run_all(const Tensor<float>& inputs, const RunHooks& hooks,
                                             std::int64_t batch_size) const {
  check_input(graph(), inputs.shape);
  const std::int64_t fixed = graph().inputs[0].shape[0];
  const std::int64_t step = fixed > 0 ? fixed : std::max<std::int64_t>(batch_size, 1);
  const std::int64_t count = inputs.shape[0];
  if (fixed > 0 && count % fixed != 0) {
    fail_input({graph().file}, "the network runs batches of exactly " + std::to_string(fixed) +
                                   " images, which do not divide " + std::to_string(count) +
                                   "; export it with an open batch or use --limit");
  }
  const auto chunks = static_cast<std::size_t>((count + step - 1) / step);
  std::vector<std::vector<Tensor<float>>> parts(chunks);
  share_out(chunks, hooks.on_input || hooks.on_output ? 1 : 2, [&](std::size_t chunk) {
    const std::int64_t first = static_cast<std::int64_t>(chunk) * step;
    parts[chunk] = run(images(inputs, first, std::min(step, count - first)), hooks);
  });
  std::vector<Tensor<float>> outputs(graph().outputs.size());
  for (auto& part : parts) {
    for (std::size_t index = 0; index < outputs.size(); ++index) append(outputs[index], std::move(part[index]));
  }
  return outputs;
}

double accuracy(const std::vector<Tensor<float>>& outputs, const std::vector<std::int64_t>& labels) {
  const auto count = static_cast<std::int64_t>(labels.size());
  if (outputs.empty() || outputs[0].shape.empty() || count == 0 || outputs[0].shape[0] != count) {
    fail_input("accuracy needs one label and one row of outputs an image");
  }
  const std::int64_t classes = outputs[0].size() / count;
  if (classes < 1) fail_input("the network has no outputs to classify by");
  std::int64_t correct = 0;
  for (std::int64_t image = 0; image < count; ++image) {
    const auto row = outputs[0].values.begin() + image * classes;
    const std::int64_t label = labels[static_cast<std::size_t>(image)];
    if (label < 0 || label >= classes) {
      fail_input("label " + std::to_string(label) + " of image " + std::to_string(image) +
                 " is none of the network's " + std::to_string(classes) + " classes");
    }
    if (std::max_element(row, row + classes) - row == label) ++correct;
  }
  return static_cast<double>(correct) / static_cast<double>(count);
}

double accuracy(const Executor& executor, const Tensor<float>& inputs, const std::vector<std::int64_t>& labels,
                const RunHooks& hooks, std::int64_t batch_size) {
  return accuracy(executor.run_all(inputs, hooks, batch_size), labels);
}

}  // namespace rebasis::run
