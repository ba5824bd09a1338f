// Part of every program of an AddressSanitizer build. The CPU driver (lavapipe) leaks 128 bytes a device inside LLVM.
// The leak can be told from one of ours only while the driver's library is still mapped when the leak check looks at
// the stacks.
extern "C" {

int dlclose(void*);
int dlclose(void*) { return 0; }

// A request that no machine can serve is refused, as it is without the sanitizer.
const char* __asan_default_options();
const char* __asan_default_options() { return "allocator_may_return_null=1"; }

const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libvulkan_lvp.so\nleak:libLLVM\n"; }
}
