# A toolchain file: Debian's MinGW-w64 with POSIX threads, the C and C++ run time linked in. Wants VKMEMBENCH_STATIC_RUNTIME, and
# VKMEMBENCH_SYSROOT, a folder of libraries that scripts/cross-root made.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VKMEMBENCH_SYSROOT)
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
include("${CMAKE_CURRENT_LIST_DIR}/cross_root.cmake")
