#include <cmath>

#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "report/json.h"
#include "report/schema.h"

namespace rebasis::report {
namespace {

using nlohmann::json;

constexpr std::int64_t largest_extent = std::int64_t{1} << 31;
constexpr std::size_t most_layers = 1'000'000;
constexpr std::size_t most_notes = 1'000'000;

/// A number that is not negative; the parser has refused what is not finite.
double amount(const JsonObject& object, const std::string& key) {
  const double value = object.number(key);
  if (value < 0) object.fail("\"" + key + "\" is negative; amounts start at 0");
  return value;
}

std::map<std::string, double> numbers(const JsonObject& parent, const std::string& key) {
  const JsonObject object = parent.object(key);
  std::map<std::string, double> out;
  for (const auto& [name, value] : parent.at(key).items()) out[name] = object.number(name);
  return out;
}

std::map<std::string, double> amounts(const JsonObject& parent, const std::string& key) {
  const JsonObject object = parent.object(key);
  std::map<std::string, double> out;
  for (const auto& [name, value] : parent.at(key).items()) out[name] = amount(object, name);
  return out;
}

std::map<std::string, std::string> texts(const JsonObject& parent, const std::string& key) {
  const JsonObject object = parent.object(key);
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : parent.at(key).items()) out[name] = object.text(name);
  return out;
}

double fraction(const JsonObject& object, const std::string& key) {
  const double value = amount(object, key);
  if (value > 1 + 1e-9) object.fail("\"" + key + "\" is above 1; a utilisation is a fraction");
  return value;
}

void check_sum(const JsonObject& object, const std::string& key, const std::map<std::string, double>& parts,
               double whole) {
  double sum = 0;
  for (const auto& [name, value] : parts) sum += value;
  // The tolerance is for means over images, whose rounding is far below one cycle.
  if (std::abs(sum - whole) > 1e-9 * whole) {
    object.fail("\"" + key + "\" sums to " + to_line(sum) + "; it must sum to the \"cycles\", " + to_line(whole));
  }
}

Spread read_spread(const JsonObject& in) {
  return {amount(in, "min"), amount(in, "max"), amount(in, "mean"), amount(in, "standard_deviation")};
}

void read_breakdowns(const JsonObject& in, Figures& out) {
  const JsonObject dram = in.object("dram_bytes");
  out.dram = {amount(dram, "weights"), amount(dram, "basis"), amount(dram, "index"), amount(dram, "inputs"),
              amount(dram, "outputs")};
  out.stalls = amounts(in, "stalls");
  check_sum(in, "stalls", out.stalls, out.cycles);
  out.actions = amounts(in, "actions");
  out.energy_by_component_pj = amounts(in, "energy_by_component_pj");
  const JsonObject blocks = in.object("blocks");
  for (const auto& [name, value] : in.at("blocks").items()) {
    const JsonObject block = blocks.object(name);
    out.blocks[name] = {amount(block, "instances"), amounts(block, "causes")};
  }
}

void read_figures(const JsonObject& in, Figures& out) {
  out.synthetic = in.boolean("synthetic");
  out.images = static_cast<double>(in.integer("images", 1, largest_extent));
  out.cycles = amount(in, "cycles");
  out.time_s = amount(in, "time_s");
  out.macs = amount(in, "macs");
  out.effective_macs = amount(in, "effective_macs");
  out.energy_pj = amount(in, "energy_pj");
  read_breakdowns(in, out);
  out.effective_tops = amount(in, "effective_tops");
  out.tops_per_watt = amount(in, "tops_per_watt");
  out.pe_utilisation = fraction(in, "pe_utilisation");
  out.mac_utilisation = fraction(in, "mac_utilisation");
  out.bound_cycles = amount(in, "bound_cycles");
  if (in.has("spread")) {
    const JsonObject spread = in.object("spread");
    out.spread = ImageSpread{read_spread(spread.object("cycles")), read_spread(spread.object("energy_pj")),
                             read_spread(spread.object("dram_bytes"))};
  }
}

std::vector<std::int64_t> extents(const JsonObject& in, const std::string& key, std::size_t count,
                                  std::int64_t lowest) {
  std::vector<std::int64_t> values = in.integers(key, lowest, largest_extent, count);
  if (values.size() != count)
    in.fail("\"" + key + "\" has " + std::to_string(values.size()) + " numbers; " + std::to_string(count) +
            " are needed");
  return values;
}

LayerShape read_shape(const JsonObject& in) {
  const auto extent = [&](const char* key) { return in.integer(key, 0, largest_extent); };
  LayerShape shape;
  shape.M = extent("M");
  shape.C = extent("C");
  shape.H = extent("H");
  shape.W = extent("W");
  shape.R = extent("R");
  shape.S = extent("S");
  const auto stride = extents(in, "stride", 2, 1);
  const auto dilation = extents(in, "dilation", 2, 1);
  const auto padding = extents(in, "padding", 4, 0);
  shape.stride_h = stride[0];
  shape.stride_w = stride[1];
  shape.dilation_h = dilation[0];
  shape.dilation_w = dilation[1];
  shape.pad_top = padding[0];
  shape.pad_left = padding[1];
  shape.pad_bottom = padding[2];
  shape.pad_right = padding[3];
  shape.groups = in.integer("groups", 1, largest_extent);
  return shape;
}

LayerFigures read_layer(const JsonObject& in) {
  LayerFigures out;
  out.name = in.text("name");
  out.op = in.text("op");
  out.encoding = in.text("encoding");
  out.shape = read_shape(in.object("shape"));
  read_figures(in, out);
  out.mapping = texts(in, "mapping");
  out.bounds = amounts(in, "bounds");
  out.binding_bound = in.text("binding_bound");
  out.statistics = numbers(in, "statistics");
  return out;
}

Provenance read_provenance(const JsonObject& in) {
  return {in.text("tool_version"),     in.text("time"),       in.text("host"),        in.text("command"),
          in.text("accelerator_file"), in.text("trace_file"), to_line(in.at("trace"))};
}

arch::AreaBreakdown read_area(const JsonObject& in) {
  constexpr std::size_t most_components = 1000;
  arch::AreaBreakdown area;
  double logic = 0, sram = 0;
  for (const json& entry : in.array("components", most_components)) {
    const JsonObject component(entry, in.name() + ": \"components\"");
    area.items.push_back({component.text("component"), component.text("block"),
                          component.integer("instances", 0, std::int64_t{1} << 62), amount(component, "nand2"),
                          amount(component, "mm2")});
    (area.items.back().sram() ? sram : logic) += area.items.back().mm2;
  }
  area.logic_mm2 = amount(in, "logic_mm2");
  area.sram_mm2 = amount(in, "sram_mm2");
  if (std::abs(logic - area.logic_mm2) > 1e-9 * logic || std::abs(sram - area.sram_mm2) > 1e-9 * sram)
    in.fail("\"components\" do not sum to \"logic_mm2\" and \"sram_mm2\"");
  for (const json& note : in.array("notes", most_notes)) {
    if (!note.is_string()) in.fail("\"notes\" holds what is not a string");
    area.notes.push_back(note.get<std::string>());
  }
  return area;
}

AcceleratorFigures read_accelerator(const JsonObject& in) {
  AcceleratorFigures out;
  out.name = in.text("name");
  out.fidelity = in.text("fidelity");
  out.frequency_hz = amount(in, "frequency_hz");
  if (out.frequency_hz == 0) in.fail("\"frequency_hz\" is 0; a positive frequency is needed");
  out.peak_macs_per_cycle = amount(in, "peak_macs_per_cycle");
  out.dram_bytes_per_cycle = amount(in, "dram_bytes_per_cycle");
  out.dram_model = in.text("dram_model");
  out.energy_table = in.text("energy_table");
  out.parameters = texts(in, "parameters");
  if (in.has("area")) out.area = read_area(in.object("area"));  // results of earlier programs lack it
  return out;
}

void check_schema(const JsonObject& root) {
  if (!root.has("schema")) root.fail("is not a result: it has no \"schema\"; `rebasis simulate -o` writes results");
  const JsonObject schema = root.object("schema");
  const std::string name = schema.text("name");
  if (name != schema_name) schema.fail("\"name\" is \"" + name + "\"; \"" + schema_name + "\" is needed");
  const std::int64_t version = schema.integer("version", 1, largest_extent);
  if (version > schema_version) {
    schema.fail("\"version\" is " + std::to_string(version) + "; this Rebasis reads versions up to " +
                std::to_string(schema_version) + ", a newer one is needed");
  }
}

}  // namespace

Document from_json(const std::string& text, const std::string& file) {
  const json parsed = parse_json(text, file);
  const JsonObject root(parsed, file);
  check_schema(root);
  Document out;
  out.provenance = read_provenance(root.object("provenance"));
  out.network = root.text("network");
  out.accelerator = read_accelerator(root.object("accelerator"));
  for (const json& note : root.array("notes", most_notes)) {
    if (!note.is_string()) root.fail("\"notes\" holds what is not a string");
    out.notes.push_back(note.get<std::string>());
  }
  for (const json& entry : root.array("unsupported", most_layers)) {
    const JsonObject unsupported(entry, file + ": \"unsupported\"");
    out.unsupported.emplace_back(unsupported.text("layer"), unsupported.text("reason"));
  }
  read_figures(root.object("totals"), out.totals);
  const json& layers = root.array("layers", most_layers);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    out.layers.push_back(read_layer(JsonObject(layers[i], file + ": layer " + std::to_string(i + 1))));
  }
  return out;
}

bool looks_like_result(const std::string& text) { return has_schema(text, schema_name); }

Document read_result_json(const std::string& path) { return from_json(read_file(path), path); }

}  // namespace rebasis::report
