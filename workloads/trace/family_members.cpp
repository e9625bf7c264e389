#include <array>
#include <filesystem>
#include <set>

#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "workloads/trace/family.h"
#include "workloads/trace/layer_limits.h"
#include "workloads/trace/safetensors.h"

namespace rebasis::trace {
namespace {

using Members = std::map<std::string, std::string>;
using nlohmann::json;

constexpr std::size_t max_subnet_name = 128;
constexpr std::size_t max_pattern = 64;
/// Members that every sub-net has, under NAME/.
constexpr std::array<const char*, 5> own_members{"schema", "network", "layers", "auxiliary", "provenance"};

bool has_control_characters(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

const std::string& member(const Members& members, const std::string& key, const std::string& name) {
  const auto found = members.find(key);
  if (found == members.end()) fail_input({name}, "is damaged: __metadata__ has no \"" + key + "\"");
  return found->second;
}

std::optional<double> share(const JsonObject& object, const char* key) {
  if (!object.has(key)) return std::nullopt;
  const double value = object.number(key);
  if (!(value >= 0 && value <= 1)) object.fail("\"" + std::string(key) + "\" must be from 0 to 1");
  return value;
}

}  // namespace

void check_subnet_name(const std::string& subnet, const std::string& name) {
  const bool possible = !subnet.empty() && subnet.size() <= max_subnet_name && !has_control_characters(subnet) &&
                        subnet.find_first_of("#/") == std::string::npos;
  if (!possible)
    fail_input({name}, "a sub-net's name must be 1 to 128 bytes without '#', '/' and control characters; \"" +
                           (has_control_characters(subnet) ? "..." : subnet.substr(0, max_subnet_name)) + "\" is not");
}

void check_pattern(const std::string& pattern, const std::string& name) {
  if (pattern.size() > max_pattern || has_control_characters(pattern))
    fail_input({name}, "a sub-net's pattern is a text of up to 64 bytes without control characters");
}

bool is_family(const Members& members) {
  const auto format = members.find("format");
  return format != members.end() && format->second == family_format_name;
}

std::vector<SubnetInfo> subnets_from_members(const Members& members, const std::string& name) {
  const std::string& schema = member(members, "schema", name);
  if (schema != std::to_string(family_schema_version))
    fail_input({name}, "is a family of traces of schema version " + schema.substr(0, 20) +
                           "; this rebasis reads version " + std::to_string(family_schema_version) +
                           ", a newer one may read it");
  if (member(members, guard_member, name) != guard_of(members))
    fail_input({name}, "is damaged: its metadata does not match its checksum");
  const json lists{{"subnets", parse_json(member(members, "subnets", name), name + ": subnets")}};
  std::vector<SubnetInfo> subnets;
  std::set<std::string> names;
  for (const json& entry : JsonObject(lists, name).array("subnets", max_subnets)) {
    const JsonObject object(entry, name + ": sub-net " + std::to_string(subnets.size() + 1));
    SubnetInfo subnet{object.text("name"), share(object, "accuracy"), share(object, "sparsity"), {}};
    check_subnet_name(subnet.name, name);
    if (!names.insert(subnet.name).second) fail_input({name}, "has two sub-nets named \"" + subnet.name + "\"");
    if (object.has("pattern")) subnet.pattern = object.text("pattern");
    check_pattern(subnet.pattern, name);
    subnets.push_back(std::move(subnet));
  }
  if (subnets.empty()) fail_input({name}, "is a family without sub-nets");
  return subnets;
}

Members members_of_subnet(const Members& members, const std::string& subnet, const std::string& name) {
  Members own{{"format", format_name}};
  for (const char* key : own_members) own[key] = member(members, subnet + "/" + key, name);
  own[guard_member] = guard_of(own);  // the family's guard was compared before
  return own;
}

std::map<std::string, std::string> tensors_of_subnet(const Members& members, const std::string& subnet,
                                                     const std::string& name) {
  const std::string where = name + ": " + subnet + "/tensors";
  const json map = parse_json(member(members, subnet + "/tensors", name), where);
  const JsonObject object(map, where);
  std::map<std::string, std::string> tensors;
  for (const auto& [key, value] : map.items()) tensors[key] = object.text(key);
  return tensors;
}

TraceLocation locate_trace(const std::string& path) {
  const std::size_t mark = path.rfind(subnet_mark);
  std::error_code ignored;
  if (mark == std::string::npos || std::filesystem::exists(path, ignored)) return {path, {}};
  return {path.substr(0, mark), path.substr(mark + 1)};
}

std::string subnet_path(const std::string& file, const std::string& subnet) {
  return subnet.empty() ? file : file + subnet_mark + subnet;
}

FamilyBytes family_bytes(const std::string& file) {
  const MappedFile mapped(file);
  const SafeTensors container = parse_safetensors(mapped.bytes(), file);
  std::map<std::string, std::set<std::string>> users;  // of a tensor in the file
  for (const SubnetInfo& subnet : subnets_from_members(container.metadata, file)) {
    for (const auto& [tensor, stored] : tensors_of_subnet(container.metadata, subnet.name, file))
      users[stored].insert(subnet.name);
  }
  FamilyBytes bytes;
  bytes.network = member(container.metadata, "network", file);
  for (const auto& [stored, view] : container.tensors) {
    bytes.tensors += view.bytes.size();
    if (users[stored].size() > 1) bytes.shared += view.bytes.size();
  }
  return bytes;
}

std::vector<SubnetInfo> list_subnets(const std::string& file) {
  const MappedFile mapped(file);
  const SafeTensors container = parse_safetensors(mapped.bytes(), file);
  if (!is_family(container.metadata)) return {};
  return subnets_from_members(container.metadata, file);
}

}  // namespace rebasis::trace
