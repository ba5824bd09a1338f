// Part of every program of a ThreadSanitizer build. VMA 3.2.1 looks at whether a block is mapped without its lock, to
// choose which block it tries first: a race of VMA's own, with no effect but the order.
extern "C" {

const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() { return "race:VmaDeviceMemoryBlock::GetMappedData\n"; }
}
