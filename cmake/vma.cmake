# Sets VKMEMBENCH_VMA_INCLUDE, the folder of vk_mem_alloc.h, and VKMEMBENCH_VMA_VERSION. Tried in turn: what the user set,
# an installed CMake package, the system's or the Vulkan SDK's header, Debian 13's package, the upstream repository.
set(VKMEMBENCH_VMA_INCLUDE "" CACHE PATH "Folder of vk_mem_alloc.h; empty: found or fetched")
# Of vk_mem_alloc.h 3.2.1 as Debian ships it.
set(vma_fallback_tag v3.2.1)
set(vma_fallback_sha256 1869d860b9713dda74f9d226d85b3a16c1c360b5430e56b5a54131c4d9fdf168)

set(vma_include "${VKMEMBENCH_VMA_INCLUDE}")
if(NOT vma_include)
  find_package(VulkanMemoryAllocator QUIET CONFIG)
  if(TARGET GPUOpen::VulkanMemoryAllocator)
    get_target_property(vma_include GPUOpen::VulkanMemoryAllocator INTERFACE_INCLUDE_DIRECTORIES)
    list(GET vma_include 0 vma_include)
  endif()
endif()
if(NOT vma_include)
  find_path(vma_include vk_mem_alloc.h NO_CACHE HINTS "$ENV{VULKAN_SDK}/include" PATH_SUFFIXES vma)
endif()
if(NOT vma_include)
  execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/fetch-vma" "${PROJECT_SOURCE_DIR}/build/vma"
    OUTPUT_VARIABLE vma_include OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE vma_refusal RESULT_VARIABLE vma_status)
  if(NOT vma_status EQUAL 0)
    message(STATUS "${vma_refusal}")
    message(STATUS "Fetching VulkanMemoryAllocator ${vma_fallback_tag} from its repository")
    include(FetchContent)
    FetchContent_Declare(vma GIT_REPOSITORY https://github.com/GPUOpen-LibrariesAndSDKs/VulkanMemoryAllocator.git
      GIT_TAG ${vma_fallback_tag} GIT_SHALLOW ON SOURCE_SUBDIR none)
    FetchContent_MakeAvailable(vma)
    set(vma_include "${vma_SOURCE_DIR}/include")
    file(SHA256 "${vma_include}/vk_mem_alloc.h" vma_sha256)
    if(NOT vma_sha256 STREQUAL vma_fallback_sha256)
      message(FATAL_ERROR "${vma_include}/vk_mem_alloc.h is not the ${vma_fallback_tag} that was pinned (SHA-256 ${vma_sha256}): "
        "install VulkanMemoryAllocator 3.x and set VKMEMBENCH_VMA_INCLUDE")
    endif()
  endif()
endif()

if(NOT EXISTS "${vma_include}/vk_mem_alloc.h")
  message(FATAL_ERROR "no vk_mem_alloc.h in '${vma_include}': set VKMEMBENCH_VMA_INCLUDE to the folder of VulkanMemoryAllocator 3.x")
endif()
file(STRINGS "${vma_include}/vk_mem_alloc.h" vma_banner REGEX "<b>Version [0-9.]+" LIMIT_COUNT 1)
string(REGEX MATCH "[0-9]+\\.[0-9]+(\\.[0-9]+)?" VKMEMBENCH_VMA_VERSION "${vma_banner}")
if(NOT VKMEMBENCH_VMA_VERSION VERSION_GREATER_EQUAL 3.0)
  message(FATAL_ERROR "${vma_include}/vk_mem_alloc.h is version '${VKMEMBENCH_VMA_VERSION}', 3.0 or newer is needed: "
    "set VKMEMBENCH_VMA_INCLUDE to the folder of another")
endif()
set(VKMEMBENCH_VMA_INCLUDE "${vma_include}" CACHE PATH "Folder of vk_mem_alloc.h; empty: found or fetched" FORCE)
