#include "scenarios/recording/layer/intercepts.h"

#include <string>

namespace vkmembench {

namespace {

template <typename Get, typename Handle>
PFN_vkVoidFunction find_next(Get get, Handle handle, const char* name, const char* alias) {
  const PFN_vkVoidFunction function = get(handle, name);
  return function != nullptr || *alias == '\0' ? function : get(handle, (std::string(name) + alias).c_str());
}

}  // namespace

NextInstance next_instance(PFN_vkGetInstanceProcAddr get, VkInstance instance) {
  NextInstance next;
  next.get_instance_proc_addr = get;
#define VKMEMBENCH_ROW(name, snake_name, alias) \
  next.snake_name = reinterpret_cast<PFN_vk##name>(find_next(get, instance, "vk" #name, alias));
  VKMEMBENCH_ASKED_OF_INSTANCE(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  return next;
}

NextDevice next_device(PFN_vkGetDeviceProcAddr get, VkDevice device) {
  NextDevice next;
  next.get_device_proc_addr = get;
#define VKMEMBENCH_ROW(name, snake_name, alias) \
  next.snake_name = reinterpret_cast<PFN_vk##name>(find_next(get, device, "vk" #name, alias));
  VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
  VKMEMBENCH_ASKED(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  return next;
}

PFN_vkVoidFunction intercept_of(std::string_view name) {
  struct Row {
    std::string_view name, alias;
    PFN_vkVoidFunction function;
  };
  static const Row kRows[] = {
#define VKMEMBENCH_ROW(name, snake_name, alias) \
  {"vk" #name, alias, reinterpret_cast<PFN_vkVoidFunction>(&intercept_##snake_name)},
      VKMEMBENCH_INTERCEPTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  };
  for (const Row& row : kRows) {
    if (!name.starts_with(row.name)) continue;
    const std::string_view rest = name.substr(row.name.size());
    if (rest.empty() || rest == row.alias) return row.function;
  }
  return nullptr;
}

}  // namespace vkmembench
