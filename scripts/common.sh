# Shared by the scripts beside it: `source "$(dirname "${BASH_SOURCE[0]}")/common.sh"`. Changes to the repository's root.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DEBIAN_FRONTEND=noninteractive

# Debian packages, each with what it is for. `#` and what follows is comment.
build_packages="
g++               # compiler, GCC 12 or newer
cmake             # 3.25 or newer
ninja-build       # build tool of the presets
libvulkan-dev     # Vulkan headers; the loader itself is opened at run time
libcli11-dev      # command line
nlohmann-json3-dev # every JSON
libfmt-dev        # text
libspdlog-dev     # log
libzstd-dev       # compressed traces
npm               # bundles the HTML page of reports
"
run_packages="
libvulkan1           # Vulkan loader
mesa-vulkan-drivers  # drivers, lavapipe on the CPU among them
"
unit_test_packages="
libgtest-dev             # unit tests
libgmock-dev             # their matchers
libbenchmark-dev         # suites of bench/
"
test_packages="$unit_test_packages
vulkan-validationlayers  # run --validation
python3-jsonschema       # validates every shipped JSON
python3-numpy            # reports/python: its statistics
python3-pandas           # its frames
python3-matplotlib       # its plots
python3-pytest           # its tests
python3-nbclient         # runs the notebooks
python3-nbformat         # reads them
python3-ipykernel        # what they run in
python3-pip python3-setuptools python3-wheel # its wheel
chromium                 # what the page is tested in
vulkan-tools             # vkcube, a program that is recorded
xvfb xauth               # a display for it
fish zsh                 # shells that complete our words
mandoc                   # judges the manual pages
pkg-config               # finds the installed library
zstd                     # reads recordings and samples
slurm-wlm munge parallel # run plans
valgrind                 # counts instructions; its headers are found when the program is built
"
windows_packages="
g++-mingw-w64-x86-64-posix mingw-w64-tools # compiler for Windows
googletest        # its source, for unit tests
wine64            # runs what was built
xvfb xauth        # the display that its Vulkan wants
python3-jsonschema zstd # what the program's tests take
make              # builds zstd
"
arm64_packages="
g++-aarch64-linux-gnu # compiler for arm64
googletest        # its source, for unit tests
qemu-user         # runs what was built
make              # builds zstd
"
emulation_packages="
qemu-system-arm   # a whole arm64 machine, whose CPU counts instructions
cpio              # packs what it starts with
"
sanitizer_packages="
clang             # builds them in half the time of GCC, and sees more
libclang-rt-dev   # their run time
"
packaging_packages="
debhelper dpkg-dev fakeroot dh-python pybuild-plugin-pyproject python3-all # Debian's packages
lintian           # judges them
valgrind          # whose headers the program tells what to count by
"
lint_packages="
git           # lists the files
clang-format  # the style of every C++ file
clang         # what clang-tidy parses with
clang-tidy    # names and bug patterns
python3-flake8 # Python
npm           # fetches the linter of the page's JavaScript
"

die() { echo "${0##*/}: $*" >&2; exit 1; }

# step TEXT COMMAND...: one line for a command that works; all it printed when it fails.
step() {
  local text=$1 log started=$SECONDS
  shift
  log=$(log_of "$text")
  printf '%s ... ' "$text"
  "$@" >"$log" 2>&1 || fail_step "$text" "$log"
  echo "done ($((SECONDS - started)) s)"
}
# build_step TEXT COMMAND...: the same for a build by ninja, and how far it is: on a terminal in one live line, else in a line
# at most every 10 s.
build_step() {
  local text=$1 log started=$SECONDS
  shift
  log=$(log_of "$text")
  printf '%s ... ' "$text"
  "$@" 2>&1 | tee "$log" | show_progress "$text" || fail_step "$text" "$log"
  echo "done ($((SECONDS - started)) s)"
}
show_progress() {
  local line start='\r' every=0 shown=$SECONDS
  [[ -t 1 ]] || { start='\n'; every=10; }
  while IFS= read -r line; do
    if [[ $line =~ ^\[[0-9]+/[0-9]+\] ]] && ((SECONDS - shown >= every)); then
      printf "$start%s ... %s " "$1" "${BASH_REMATCH[0]}"
      shown=$SECONDS
    fi
  done
}
log_of() {
  local log
  mkdir -p build/logs
  log=$(tr -cs 'a-zA-Z0-9\n' '-' <<<"$1")
  echo "build/logs/${log:0:80}.log"  # a list of packages is longer than a file's name may be
}
fail_step() {
  echo "FAILED"
  tail -n 200 "$2" >&2
  die "'$1' failed; all it printed is in $PWD/$2"
}

# Installs what the lists name and the system lacks. A package whose program is there already is not installed: one from
# elsewhere (npm, clang) may exclude Debian's. Off Debian and its relatives nothing is done: CMake names what it misses.
need_packages() {
  command -v dpkg-query >/dev/null || { echo "no dpkg here: the packages must be there already ($(names "$@"))"; return; }
  local missing=() name
  for name in $(names "$@"); do
    command -v "$name" >/dev/null || [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "missing packages, and neither root nor sudo to install them; as root: apt-get install ${missing[*]}"
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
  fi
  step "Refreshing the package lists" "${as_root[@]}" apt-get update
  step "Installing ${missing[*]}" "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
}
names() { printf '%s\n' "$@" | sed 's/#.*//' | xargs; }

# check_format FILE...: which of these C++ files clang-format would write otherwise, and in how many places.
check_format() {
  local unformatted
  unformatted=$(clang-format --dry-run -Werror "$@" 2>&1 | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error:.*/\1/p' | sort | uniq -c)
  [[ -n $unformatted ]] || return 0
  printf '%s\n' "places to format, by file; 'clang-format -i FILE' does it:" "$unformatted"
  return 1
}
# check_python FILE...: what flake8 says of them; .flake8 holds its limits.
check_python() { /usr/bin/python3 -m flake8 "$@"; }
# What eslint says of the page and its tests; reports/viewer/eslint.config.mjs holds its rules. Its packages live in build/.
check_page() {
  local from=$PWD/reports/viewer packages=$PWD/build/lint
  mkdir -p "$packages"
  if ! cmp -s "$from/package-lock.json" "$packages/package-lock.json" || [[ ! -f $packages/node_modules/.package-lock.json ]]; then
    cp "$from"/{package.json,package-lock.json,.npmrc} "$packages"
    npm --prefix "$packages" ci --no-fund --loglevel=error || { rm -f "$packages/package-lock.json"; return 1; }
  fi
  cp "$from/eslint.config.mjs" "$packages"
  (cd "$from" && "$packages/node_modules/.bin/eslint" --config "$packages/eslint.config.mjs" .)
}
# Of these files those that are Python, by name or by first line.
python_of() { awk 'FNR == 1 && (FILENAME ~ /\.py$/ || /^#!.*python/) { print FILENAME } { nextfile }' /dev/null "$@"; }

# Unit tests that search for minutes: where programs of another system run slowly, they tell nothing new.
searches='*ShrunkFaults*:PlantedFaults.*:Plan.UnderTheModelClock*'

# test_units FOLDER ENDING [LAUNCHER...]: the unit tests that a build in FOLDER has, of programs with this ending, but those that search.
test_units() {
  local library
  for library in allocator scenarios reports bench; do
    step "Testing $library" "${@:3}" "$1/$library/${library}_test$2" --gtest_brief=1 --gtest_filter="-$searches"
  done
}

# The program of this system, of the tree as it is now.
release_program() {
  if [[ -x build/release/vkmembench ]]; then build_step "Building release" cmake --build build/release --target vkmembench
  else step "Building release" scripts/quickstart; fi
}

# build_arm64 [TARGET]: what arm64 Linux takes of the tree as it is now, with Debian 12's cross compiler, in build/arm64.
build_arm64() {
  local vma page=build/release/viewer/page.built.html
  need_packages "$build_packages" "$arm64_packages"
  [[ -d build/arm64-root ]] || scripts/cross-root arm64 build/arm64-root
  vma=$(scripts/fetch-vma "$PWD/build/vma")
  step "Configuring for arm64" cmake -G Ninja -S . -B build/arm64 --toolchain "$PWD/cmake/arm64.cmake" -DVKMEMBENCH_SYSROOT="$PWD/build/arm64-root" \
    -DVKMEMBENCH_STATIC_RUNTIME=ON -DVKMEMBENCH_BENCHMARKS=OFF -DVKMEMBENCH_PAGE_FILE="$PWD/$page" -DCMAKE_UNITY_BUILD=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
    -DVKMEMBENCH_VMA_INCLUDE="$vma"
  build_step "Building for arm64" cmake --build build/arm64 --target "${1:-all}" -j "${VKMEMBENCH_JOBS:-$(nproc)}"
}

# plant_in_creates: some 1 % more instructions in each buffer that the core creates, until unplant_in_creates.
planted_source=allocator/core/allocator.cpp
plant_in_creates() {
  git diff --quiet -- "$planted_source" || die "$planted_source has changes, and is changed here for a while; commit them"
  sed -i 's/^Expected<Allocation> Allocator::create_buffer(.*{$/&\n  for (volatile int planted = 0; planted < 3;) planted = planted + 1;/' "$planted_source"
  ! git diff --quiet -- "$planted_source" || die "$planted_source has no create_buffer() of one line to plant in"
}
unplant_in_creates() { git checkout -q -- "$planted_source"; }

# compare_figures SYSTEM PROGRAM: replays every scenario that ships under the model clock, by build/release and by this program of another
# system; the figures are the same to the byte.
compare_figures() {
  local folder
  folder=$(mktemp -d)
  for scenario in $(build/release/vkmembench list scenarios --names); do
    step "Comparing $scenario on $1" same_figures "$scenario" "$2" "$folder"
  done
  rm -rf "$folder"
}
same_figures() {
  local run=(run "$1" --device sim:amd-rx-6600 --strategy core-default,core-memory,vma --clock model -q)
  build/release/vkmembench "${run[@]}" -o "$3/here.json" && "$2" "${run[@]}" -o "$3/there.json" && scripts/same-figures "$3"/{here,there}.json &&
    rm "$3"/{here,there}.json
}

need_compiler() {
  local compiler=${CXX:-c++} version
  command -v "$compiler" >/dev/null || die "no C++ compiler ('$compiler'); install g++ or set CXX"
  "$compiler" --version | grep -qi clang && return 0
  version=$("$compiler" -dumpfullversion -dumpversion)
  ((${version%%.*} >= 12)) || die "$compiler is GCC $version, 12 or newer is needed; install it and set CXX"
}
