#include "bench/run/host_info.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include "allocator/base/os/machine.h"

namespace vkmembench {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\"";
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kAround) - first + 1));
}

std::string value_or_empty(const std::map<std::string, std::string>& fields, const std::string& key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string() : found->second;
}

// Arm's have numbers for names.
std::string cpu_name(const std::map<std::string, std::string>& cpu) {
  if (std::string name = value_or_empty(cpu, "model name"); !name.empty()) return name;
  const std::string implementer = value_or_empty(cpu, "CPU implementer");
  return implementer.empty() ? ""
                             : fmt::format("CPU {} of implementer {}", value_or_empty(cpu, "CPU part"), implementer);
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  std::string whole = text.str();
  if (whole.ends_with('\n')) whole.pop_back();
  return whole;
}

std::map<std::string, std::string> read_fields(const std::string& text, char separator) {
  std::map<std::string, std::string> fields;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const std::string_view whole = line;
    fields.emplace(trimmed(whole.substr(0, at)), trimmed(whole.substr(at + 1)));
  }
  return fields;
}

Bytes parse_kilobytes(const std::string& text) {
  Bytes kilobytes = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, kilobytes);
  if (read.ec != std::errc() || std::string_view(read.ptr, static_cast<std::size_t>(end - read.ptr)) != " kB") return 0;
  return checked_multiply(kilobytes, kKiB).value_or(0);
}

HostInfo read_host_info(const std::filesystem::path& root) {
  HostInfo host;
  host.os = value_or_empty(read_fields(read_text(root / "etc/os-release"), '='), "PRETTY_NAME");
  host.kernel = read_text(root / "proc/sys/kernel/osrelease");
  host.cpu = cpu_name(read_fields(read_text(root / "proc/cpuinfo"), ':'));
  host.logical_cpus = std::thread::hardware_concurrency();
  host.ram_bytes = parse_kilobytes(value_or_empty(read_fields(read_text(root / "proc/meminfo"), ':'), "MemTotal"));
  if (const Machine machine = ask_for_machine(); host.os.empty() && host.kernel.empty()) {
    host.os = machine.os;
    host.kernel = machine.kernel;
    host.cpu = machine.cpu;
    host.ram_bytes = machine.ram_bytes;
  }
  return host;
}

}  // namespace vkmembench
