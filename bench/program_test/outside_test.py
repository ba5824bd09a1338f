"""Faults from outside: kills, full disks, no memory, no descriptors, closed streams, jumping clocks. Whatever happens, a file
under its final name is whole, and the program ends by a documented code with a line that says why."""
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from program import BUFFER, FRAME, IMAGE, PROGRAM, SIMULATED, SOURCE, UPLOAD, ProgramTest, scenario_of

# `VKMEMBENCH_OUTSIDE=full` takes every step of every sweep.
FULL = os.environ.get("VKMEMBENCH_OUTSIDE") == "full"
KILLS = 50 if FULL else 12
RUN = ["run", "s.json", "--device", SIMULATED, "--strategy", "vma,core-default", "-q", "-o", "r.json"]


def limited(*limits):
    """For preexec_fn: the child's resource limits, pairs of which and how much."""
    def apply():
        for which, amount in limits:
            resource.setrlimit(which, (amount, amount))
    return apply


def steps(low, high, step):
    """The values of a sweep: all of them in full, else six."""
    return range(low, high, step if FULL else max(step, (high - low) // 6))


class OutsideTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("s.json", scenario_of([FRAME, BUFFER, {**IMAGE, "id": 2}, {**UPLOAD, "id": 3},
                                          {"op": "write", "id": 3, "offset": 0, "size": 4096}, FRAME, {"op": "free", "id": 1}]))

    def assert_whole(self, *names):
        """Each file is missing or what its name says, whole."""
        for name in names:
            path = self.folder / name
            if not path.exists():
                continue
            if name.endswith((".json", ".jsonl", ".jsonl.zst")):
                self.run_program("validate", name)
            else:
                self.assertTrue(path.read_bytes(), name)

    def assert_says_why(self, process, *any_of):
        """Done, or one line that names one of these; nothing but a documented code."""
        self.assertIn(process.returncode, (0, 1), process.err)
        if process.returncode == 1:
            line = process.err.splitlines(keepends=True)[-1]
            self.assert_one_line(line)
            self.assertTrue(any(word in line for word in any_of), line)

    def writers(self):
        """Commands that write files, and which."""
        self.run_program(*RUN[:-1], "base.json")
        policy = SOURCE / "reports" / "gate.json"
        return [(RUN, "r.json"), (["expand", "s.json", "-q", "-o", "t.jsonl"], "t.jsonl"),
                (["expand", "churn", "--set", "scale=0.02", "-q", "-o", "t.jsonl.zst"], "t.jsonl.zst"),
                (["report", "base.json", "-q", "-o", "r.csv"], "r.csv"), (["report", "base.json", "-q", "-o", "r.md"], "r.md"),
                (["baseline", "accept", "base.json", "--reason", "x", "-o", "b.json"], "b.json"),
                (["gate", "base.json", "base.json", "--policy", policy, "--junit", "j.xml"], "j.xml"),
                (["new", "scenario", "mine"], "mine.json")]

    def test_sigkill(self):
        """The report under its final name holds finished rounds, and what is left beside it is in nobody's way."""
        sleepy = ["run", "s.json", "--device", SIMULATED, "--strategy", "dedicated,vma,core-default,core-pools", "--repeat", "3",
                  "--driver-sleep", "0.0005", "-q", "-o", "{}"]
        moments = random.Random(7)

        def kill(name):
            process = self.start(*(word.format(name) for word in sleepy))
            time.sleep(moments.uniform(0, 0.6))
            process.kill()
            process.communicate()
            return process.returncode

        names = [f"r{i}.json" for i in range(KILLS)]
        with ThreadPoolExecutor(6) as pool:  # they sleep most of the time
            codes = list(pool.map(kill, names))
        self.assertGreater(codes.count(-signal.SIGKILL), KILLS // 2)
        written = [name for name in names if (self.folder / name).exists()]
        self.assertGreater(len(written), KILLS // 4)
        for name in written:
            report = json.loads((self.folder / name).read_text())
            self.check_report(report, "ok" if report["status"] == "ok" else "incomplete")
            self.assertEqual({run["status"] for run in report["runs"]}, {"ok"})
        self.assertLessEqual(set(self.files()), {"s.json", *names} | {name for name in self.files() if name.startswith(".vkmembench-")})
        for name in names:
            self.run_program(*RUN[:-1], name)
            self.report(name)
        self.run_program("report", *names, timeout=60)

    def test_sigkill_of_other_writers(self):
        moments = random.Random(8)
        for arguments, name in self.writers():
            if name == "mine.json":
                continue
            for _ in range(5 if FULL else 1):
                process = self.start(*arguments)
                time.sleep(moments.uniform(0, 0.03))
                process.kill()
                process.communicate()
                self.assert_whole(name)

    def test_no_space_at_any_write(self):
        """A limit of a file's size is a disk that is full from some byte on."""
        for arguments, name in self.writers():
            self.run_program(*arguments)
            size = (self.folder / name).stat().st_size
            (self.folder / name).unlink()
            for limit in steps(0, size + 1, max(1, size // 40)):
                with self.subTest(name, limit=limit):
                    process = self.run_program(*arguments, code=None, preexec_fn=limited((resource.RLIMIT_FSIZE, limit)))
                    self.assert_says_why(process, f"{name}: File too large; raise `ulimit -f`", "mine.json: cannot be written: File too large")
                    self.assert_whole(name)
                    self.assert_no_leftovers()
                    (self.folder / name).unlink(missing_ok=True)

    def test_no_space_keeps_what_was_there(self):
        for arguments, name in self.writers():
            if name in ("b.json", "mine.json"):  # of which one is read, and the other never written over
                continue
            with self.subTest(name):
                self.write(name, "kept")
                process = self.run_program(*arguments, code=1, preexec_fn=limited((resource.RLIMIT_FSIZE, 1)))
                self.assert_says_why(process, "File too large")
                self.assertEqual((self.folder / name).read_text(), "kept")

    def test_a_full_file_system(self):
        disk = self.folder / "disk"
        disk.mkdir()
        for pages in steps(1, 40, 1):
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4096 * pages}", "none", disk], capture_output=True, check=False)
            if mounted.returncode != 0:
                self.skipTest("no file system can be mounted")
            try:
                process = self.run_program(*RUN[:-1], "disk/r.json", code=None)
                self.assert_says_why(process, "disk/r.json: No space left on device; free some space")
                self.assert_whole("disk/r.json")
                self.assert_no_leftovers()
            finally:
                subprocess.run(["umount", disk], check=True)

    def test_a_read_only_folder(self):
        """Of another user: root may write everywhere."""
        if os.geteuid() == 0:
            program = shutil.copy(PROGRAM, self.folder / "program")
            as_nobody = {"preexec_fn": lambda: os.setuid(65534), "executable": program}
        else:
            as_nobody = {}
        for arguments, name in self.writers():
            with self.subTest(name):
                self.folder.chmod(0o555)
                try:
                    if arguments[0] not in ("gate", "expand") or "s.json" in arguments:  # which need the tree
                        process = self.run_program(*arguments, code=1, **as_nobody)
                        self.assert_one_line(process.err.splitlines(keepends=True)[-1], "cannot be written")
                finally:
                    self.folder.chmod(0o755)

    def test_little_stack(self):
        stack = {"preexec_fn": limited((resource.RLIMIT_STACK, 2**20))}
        self.run_program(*RUN, "--check", **stack)
        self.run_program("run", "threads", "--set", "scale=0.05", "--device", SIMULATED, "--replay", "concurrent", "--check", "--repeat",
                         "1", "-q", "-o", "c.json", **stack)
        self.run_program("expand", "churn", "--set", "scale=0.02", "-o", "t.jsonl.zst", "-q", **stack)
        self.run_program("report", "r.json", "-o", "r.csv", **stack)
        nested = BUFFER
        for _ in range(15):
            nested = {"op": "repeat", "times": 1, "events": [nested]}
        self.run_program("validate", self.write("n.json", scenario_of([FRAME, nested])), **stack)
        self.assert_refused("validate", self.write("deep.json", "[" * 100_000), says=["deep"], **stack)

    def memory_floor(self):
        """KiB of address space in which the program starts, with some to spare for its own words."""
        for kib in itertools.count(8000, 1000):
            process = self.run_program("--version", code=None, preexec_fn=limited((resource.RLIMIT_AS, kib * 1024)))
            if process.returncode == 0:
                return kib + 2000
        return 0

    def test_little_memory(self):
        floor = self.memory_floor()
        commands = [(["run", "churn", "--set", "scale=0.1", "--device", SIMULATED, "--check", "-q", "-o", "r.json"], 40_000),
                    (["run", "host_churn", "--set", "scale=0.05", "--device", SIMULATED, "--host-tracking", "-q", "-o", "r.json"], 40_000),
                    (["run", "threads", "--set", "scale=0.1", "--device", SIMULATED, "--replay", "concurrent", "--repeat", "1",
                      "--check", "-q", "-o", "r.json"], 110_000),
                    *((arguments, 20_000) for arguments, _ in self.writers())]
        for arguments, room in commands:
            for kib in steps(floor, floor + room, 250):
                with self.subTest(" ".join(map(str, arguments[:2])), kib=kib):
                    process = self.run_program(*arguments, code=None, preexec_fn=limited((resource.RLIMIT_AS, kib * 1024)))
                    self.assert_says_why(process, "out of memory", "thread", "ulimit -v")
                    self.assert_whole("r.json", "t.jsonl", "t.jsonl.zst", "b.json", "mine.json")
                    self.assert_no_leftovers()
                    (self.folder / "mine.json").unlink(missing_ok=True)

    def test_few_descriptors(self):
        for arguments, name in self.writers():
            for count in steps(3, 12, 1):
                with self.subTest(name, descriptors=count):
                    process = self.run_program(*arguments, code=None, preexec_fn=limited((resource.RLIMIT_NOFILE, count)))
                    self.assertIn(process.returncode, (0, 1, 2, 127), process.err)  # 127: not even the loader has one
                    if process.returncode in (1, 2):
                        self.assertRegex(process.err, r"(Too many open files|ulimit -n)[^\n]*\n\Z")
                    self.assert_whole(name)
                    self.assert_no_leftovers()
                    (self.folder / name).unlink(missing_ok=True)

    def test_ten_thousand_descriptors_used_up(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 11_000:
            self.skipTest("a process may not have as many")
        for left in (0, 1, 2, 100):
            def use_up():
                _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
                resource.setrlimit(resource.RLIMIT_NOFILE, (11_000, most))
                highest = max(os.dup(0) for _ in range(10_000))
                resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + left, most))
            with self.subTest(left=left):
                process = self.run_program(*RUN, code=None, preexec_fn=use_up, close_fds=False)
                self.assertIn(process.returncode, (0,) if left == 100 else (0, 1, 2, 127), process.err)
                self.assert_whole("r.json")
                self.assert_no_leftovers()

    def test_two_writers_of_one_file(self):
        names = ("one", "other")
        for name in names:
            self.write(f"{name}.json", {**scenario_of([FRAME, BUFFER]), "name": name})
        over = threading.Event()
        seen = set()

        def read():
            while not over.is_set():
                if (self.folder / "r.json").exists():
                    report = json.loads((self.folder / "r.json").read_text())
                    seen.add(report["scenario"]["name"])

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for _ in range(20 if FULL else 4):
                processes = [self.start("run", f"{name}.json", *RUN[2:]) for name in names]
                for process in processes:
                    process.communicate(timeout=60)
                    self.assertEqual(process.returncode, 0)
                self.assertIn(self.report("r.json")["scenario"]["name"], names)
        finally:
            over.set()
            reader.join()
        self.assertLessEqual(seen, set(names))
        self.assert_no_leftovers()

    def test_closed_streams(self):
        """What was closed is no file's place: nothing that is printed lands in a report."""
        missing = [*RUN[:1], "missing.json", *RUN[2:]]
        for closed in itertools.chain.from_iterable(itertools.combinations((0, 1, 2), count) for count in (1, 2, 3)):
            def close(closed=closed):
                for descriptor in closed:
                    os.close(descriptor)
            with self.subTest(closed=closed):
                process = self.run_program(*RUN[:-3], "-v", "-o", "r.json", code=None, preexec_fn=close)
                self.assertEqual(process.returncode, 1 if 1 in closed else 0, process.err)
                self.report("r.json")
                self.assertEqual("stdout cannot be written" in process.err, 1 in closed and 2 not in closed)
                self.run_program(*missing, code=2, preexec_fn=close)
                self.run_program("expand", "s.json", "-o", "t.jsonl", preexec_fn=close)
                self.assert_whole("t.jsonl")
                (self.folder / "r.json").unlink()

    def test_nobody_reads_stderr(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        self.run_program(*RUN[:-3], "-v", "-o", "r.json", stderr=writer)
        self.report("r.json")
        self.run_program("run", "missing.json", "--device", SIMULATED, code=2, stderr=writer)

    def test_a_clock_that_jumps(self):
        """Only the date of a report is of that clock: no time and no timeout is."""
        compiler = shutil.which("c++")
        if compiler is None:
            self.skipTest("no compiler for the clock")
        self.write("jumping.cpp", r"""
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <atomic>
static std::atomic<int> calls;
extern "C" int clock_gettime(clockid_t id, timespec* to) {
  const long result = syscall(SYS_clock_gettime, id, to);
  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) to->tv_sec += (calls++ % 2 == 0 ? 1 : -1) * 40'000'000L;
  return static_cast<int>(result);
}
extern "C" time_t time(time_t* to) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return to == nullptr ? now.tv_sec : *to = now.tv_sec;
}
""")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", "jumping.so", "jumping.cpp"], cwd=self.folder, check=True)
        jumping = {"environment": {"LD_PRELOAD": str(self.folder / "jumping.so")}}
        for clock in ("wall", "model"):
            process = self.run_program("run", "s.json", "--device", SIMULATED, "--clock", clock, "--timeout", "100", "--strategy-timeout",
                                       "50", "-v", "-o", f"{clock}.json", **jumping)
            report = self.report(f"{clock}.json")
            self.assertNotEqual(report["created_utc"][:4], time.strftime("%Y", time.gmtime()), process.err)  # the clock did jump
            for run in report["runs"]:
                for row in run["metrics"]:
                    if row["unit"] == "ns" and row["value"] is not None:
                        self.assertTrue(0 <= row["value"] < 100 * 10**9, row)
        self.run_program("run", "scene_switch", "--device", SIMULATED, "--repeat", "200", "--timeout", "0.5", "-q", "-o", "t.json", code=1,
                         **jumping)
        self.report("t.json", "timeout")
