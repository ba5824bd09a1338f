# A toolchain file: Debian's cross compiler for arm64. Wants VKMEMBENCH_SYSROOT, a folder of libraries that scripts/cross-root made.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VKMEMBENCH_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CXX_FLAGS_INIT -Wno-array-bounds)  # GCC 12 for arm64 sees one crossed in fmt, where it is not
include("${CMAKE_CURRENT_LIST_DIR}/cross_root.cmake")
