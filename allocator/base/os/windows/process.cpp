#include "allocator/base/os/windows/process.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "allocator/base/error.h"
#include "allocator/base/os/windows/exit_status.h"

namespace vkmembench {
namespace {

void append_quoted(std::wstring& line, const std::wstring& word) {
  if (!word.empty() && word.find_first_of(L" \t\n\v\"") == std::wstring::npos) {
    line += word;
    return;
  }
  line += L'"';
  std::size_t backslashes = 0;
  for (const wchar_t letter : word) {
    // Before a quote each backslash counts twice.
    if (letter == L'"') line.append(backslashes + 1, L'\\');
    backslashes = letter == L'\\' ? backslashes + 1 : 0;
    line += letter;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

bool same_name(std::wstring_view a, std::wstring_view b) {
  return CompareStringOrdinal(a.data(), static_cast<int>(a.size()), b.data(), static_cast<int>(b.size()), TRUE) ==
         CSTR_EQUAL;
}

// As CreateProcess takes it: texts with their ends one after the other, and one more end.
std::wstring environment_with(const EnvironmentChanges& changes) {
  std::wstring block;
  const auto add = [&block](std::wstring_view variable) {
    block += variable;
    block += L'\0';
  };
  wchar_t* const own = GetEnvironmentStringsW();
  for (const wchar_t* variable = own; variable != nullptr && *variable != L'\0';) {
    const std::wstring_view text = variable;
    const std::wstring_view name = text.substr(0, text.find(L'=', 1));
    if (std::ranges::none_of(changes, [&](const auto& set) { return same_name(to_wide(set.first), name); })) add(text);
    variable += text.size() + 1;
  }
  if (own != nullptr) FreeEnvironmentStringsW(own);
  for (const auto& [name, value] : changes)
    if (value) add(to_wide(name + "=" + *value));
  block += L'\0';
  return block;
}

// A child inherits these handles and no others, whatever other threads start meanwhile.
class InheritedHandles {
 public:
  explicit InheritedHandles(const StartOptions& options) : handles_{options.input, options.output, options.errors} {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    bytes_ = std::make_unique<std::byte[]>(size);
    is_made_ = InitializeProcThreadAttributeList(list(), 1, 0, &size) != 0;
    std::ranges::sort(handles_);
    handles_.erase(std::unique(handles_.begin(), handles_.end()), handles_.end());
    if (is_made_)
      UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }
  ~InheritedHandles() {
    if (is_made_) DeleteProcThreadAttributeList(list());
  }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST list() const {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(bytes_.get());
  }

 private:
  std::vector<HANDLE> handles_;
  std::unique_ptr<std::byte[]> bytes_;
  bool is_made_ = false;
};

OwnedHandle make_job() {
  OwnedHandle job(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

// What is found without the ending that programs have here.
std::wstring program_file(const std::string& name) {
  std::filesystem::path file = to_wide(name);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored) && !file.has_extension()) file += L".exe";
  return file.make_preferred().wstring();
}

}  // namespace

std::wstring command_line(const std::vector<std::string>& words) {
  std::wstring line;
  for (const std::string& word : words) {
    if (!line.empty()) line += L' ';
    append_quoted(line, to_wide(word));
  }
  return line;
}

void Process::kill() const {
  if (TerminateJobObject(job.get(), kKilled) == 0) TerminateProcess(process.get(), kKilled);
}

bool Process::ended_within(DWORD milliseconds) const {
  return WaitForSingleObject(process.get(), milliseconds) != WAIT_TIMEOUT;  // of what cannot be waited for no end comes
}

int Process::exit_status() const {
  DWORD code = 0;
  GetExitCodeProcess(process.get(), &code);
  return exit_status_of(code);
}

Process start_process(const std::vector<std::string>& argv, const StartOptions& options) {
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  DWORD flags = CREATE_UNICODE_ENVIRONMENT | CREATE_SUSPENDED;
  std::unique_ptr<InheritedHandles> inherited;
  if (options.input != nullptr) {
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = options.input;
    startup.StartupInfo.hStdOutput = options.output;
    startup.StartupInfo.hStdError = options.errors;
    inherited = std::make_unique<InheritedHandles>(options);
    startup.lpAttributeList = inherited->list();
    flags |= EXTENDED_STARTUPINFO_PRESENT;
  }
  std::wstring line = command_line(argv);
  std::wstring environment = environment_with(options.changes);
  const std::wstring file = program_file(argv.front());
  Process started{OwnedHandle(), make_job()};
  PROCESS_INFORMATION made{};
  // Wine loses one in some thousand processes before it begins, and calls that an internal error.
  constexpr int kTries = 3;
  BOOL is_started = FALSE;
  for (int i = 0; is_started == 0 && (i == 0 || (i < kTries && GetLastError() == ERROR_INTERNAL_ERROR)); ++i)
    is_started = CreateProcessW(options.search ? nullptr : file.c_str(), line.data(), nullptr, nullptr, TRUE, flags,
                                environment.data(), options.folder.empty() ? nullptr : options.folder.c_str(),
                                &startup.StartupInfo, &made);
  // Wine also starts programs of the system below it, and hands out no process of them.
  const DWORD code = is_started != 0 ? ERROR_BAD_EXE_FORMAT : GetLastError();
  if (made.hProcess == nullptr)
    throw Error(argv.front() + ": cannot be started (" + text_of(code) + "); name a program that runs here");
  started.process = OwnedHandle(made.hProcess);
  const OwnedHandle thread(made.hThread);
  AssignProcessToJobObject(started.job.get(), made.hProcess);
  ResumeThread(thread.get());
  return started;
}

}  // namespace vkmembench
