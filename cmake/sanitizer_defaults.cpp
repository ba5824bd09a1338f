// Part of every program of an AddressSanitizer build. The CPU driver (lavapipe) leaks 128 bytes a device inside LLVM,
// the validation layer some kilobytes a device when it validates synchronization. Such leaks can be told from ours only
// while their library is still mapped when the leak check looks at the stacks.
extern "C" {

int dlclose(void*);
int dlclose(void*) { return 0; }

// A request that no machine can serve is refused, as it is without the sanitizer.
const char* __asan_default_options();
const char* __asan_default_options() { return "allocator_may_return_null=1"; }

const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
  return "leak:libvulkan_lvp.so\nleak:libLLVM\nleak:libVkLayer_khronos_validation.so\n";
}
}
