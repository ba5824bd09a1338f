# A toolchain file: this machine's GCC, linked with the older glibc of a folder that scripts/old-glibc made, so that the program
# runs where the system is older. Wants VKMEMBENCH_STATIC_RUNTIME, and VKMEMBENCH_SYSROOT, the folder.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VKMEMBENCH_SYSROOT)
if(NOT VKMEMBENCH_SYSROOT)
  message(FATAL_ERROR "cmake/old_glibc.cmake: -DVKMEMBENCH_SYSROOT=FOLDER is missing; `scripts/old-glibc FOLDER` makes one")
endif()
set(CMAKE_SYSROOT "${VKMEMBENCH_SYSROOT}")
# GCC looks for libraries beside itself before it looks there.
set(old_glibc_libraries "${CMAKE_SYSROOT}/usr/lib/x86_64-linux-gnu")
set(CMAKE_CXX_FLAGS_INIT "-B${old_glibc_libraries}")
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-B${old_glibc_libraries} -L${old_glibc_libraries} -L${CMAKE_SYSROOT}/lib/x86_64-linux-gnu")
endforeach()
set(VKMEMBENCH_OLD_GLIBC ON)
