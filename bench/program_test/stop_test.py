"""Signals and time limits are heard wherever the program is, also where every driver call takes long."""
import json
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from program import BUFFER, FRAME, IMAGE, PROGRAM, SIMULATED, SOURCE, UPLOAD, ProgramTest, metric, scenario_of

# Each of SIGINT, SIGTERM and --timeout comes at so many moments, spread over the run.
MOMENTS = int(os.environ.get("VKMEMBENCH_STOP_MOMENTS", "50"))
SPAN = 1.0  # seconds in which they come
SLEEP = 0.0002  # of each driver call
# What is promised after the call in flight. To that comes what a busy machine takes to end a process and to notice it,
# which is measured beside: a process that only prints its version does nothing else.
PROMISED = 0.2
ENDS_OF_OTHERS = 5


def busy_scenario():
    """Batches, uploads, images, reads, frees, defragmentation and leftovers: some 600 calls a strategy."""
    events = []
    for frame in range(8):
        base = 1000 * (frame + 1)
        events.append(FRAME)
        events.append({"op": "batch", "ids": list(range(base, base + 60)), "sizes": [4096 * (1 + i % 7) for i in range(60)],
                       "usage": ["vertex_buffer"], "memory": "device"})
        events.append({**UPLOAD, "id": base + 100})
        events.append({"op": "write", "id": base + 100, "offset": 0, "size": 4096})
        events.append({**IMAGE, "id": base + 101})
        events.append({"op": "upload", "id": base + 101, "size": 4096})
        events.append({"op": "upload", "id": base, "size": 4096})
        events.append({"op": "read", "id": base + 100, "offset": 0, "size": 4096})
        events += [{"op": "free", "id": base + i} for i in range(1, 60, 2)]
        if frame % 3 == 2:
            events.append({"op": "defragment", "algorithm": "full", "passes_per_frame": 2})
    return scenario_of(events)


class StopTest(ProgramTest):
    def ended(self, process, since):
        """Waits for the end; returns what it wrote to stderr, the exit code, and how long it took since then."""
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        return err, process.returncode, time.monotonic() - since

    def assert_heard(self, file, err, code, seconds, slack, status, expected_code):
        """Ended in time, and what it leaves is a whole report, or nothing when nothing had begun."""
        self.assertEqual(code, expected_code, err)
        self.assertLess(seconds, PROMISED + SLEEP + slack, err)
        if not (self.folder / file).exists():
            self.assertIn("nothing was written", err)
            return False
        report = self.report(file, status)
        for run in report["runs"]:
            if run["status"] != "ok":
                self.assertLessEqual(run["events_done"], report["scenario"]["event_count"])
                self.assertIsNone(metric(run, "leak.count"))
                self.assertIsNone(metric(run, "leak.bytes"))
        return True

    def stop_at(self, moment, how, scenario, slack):
        """One run, stopped after so many seconds; whether it left a report."""
        file = f"{how}-{moment:.4f}.json"
        arguments = ["run", scenario, "--device", SIMULATED, "--strategy", "dedicated,vma,core-default,core-pools", "--check",
                     "--driver-sleep", str(SLEEP), "-o", file, "-q"]
        if how == "timeout":
            begin = time.monotonic()
            process = self.start(*arguments, "--timeout", str(moment))
            err, code, seconds = self.ended(process, begin + moment)
            return self.assert_heard(file, err, code, seconds, slack(), "timeout", 1)
        number = signal.Signals[how]
        process = self.start(*arguments)
        self.wait_for_handlers(process)
        time.sleep(moment)
        self.assertIsNone(process.poll(), "the run ended before it could be stopped")
        process.send_signal(number)
        err, code, seconds = self.ended(process, time.monotonic())
        return self.assert_heard(file, err, code, seconds, slack(), "interrupted", 128 + number)

    def wait_for_handlers(self, process):
        caught = 0
        while not caught >> (signal.SIGTERM - 1) & 1:
            self.assertIsNone(process.poll(), "the program ended before it listened")
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt:"))
            time.sleep(0.001)

    def test_at_any_moment(self):
        scenario = self.write("s.json", busy_scenario())
        over = threading.Event()
        slowest = [0.0]

        def measure_others():
            while not over.wait(0.05):
                begin = time.monotonic()
                subprocess.run([PROGRAM, "--version"], check=True, stdout=subprocess.DEVNULL)
                slowest[0] = max(slowest[0], time.monotonic() - begin)

        others = threading.Thread(target=measure_others)
        others.start()
        self.addCleanup(others.join)
        self.addCleanup(over.set)
        jobs = [(SPAN * (i + 1) / MOMENTS, how) for i in range(MOMENTS) for how in ("SIGINT", "SIGTERM", "timeout")]
        with ThreadPoolExecutor(6) as pool:  # they sleep most of the time
            left = list(pool.map(lambda job: self.stop_at(*job, scenario, lambda: 0.05 + ENDS_OF_OTHERS * slowest[0]), jobs))
        self.assertGreater(sum(left), len(left) * 0.8, "most stops come while something runs")
        self.assert_no_leftovers()

    # One event, tens of thousands of calls: minutes where each takes a millisecond.
    def test_inside_a_batch(self):
        count = 20_000
        scenario = self.write("s.json", scenario_of([FRAME, {"op": "batch", "ids": list(range(count)), "sizes": [256] * count,
                                                             "usage": ["vertex_buffer"], "memory": "device"}]))
        for strategy in ("dedicated", "vma", "core-memory"):
            with self.subTest(strategy):
                begin = time.monotonic()
                self.run_program("run", scenario, "--device", SIMULATED, "--strategy", strategy, "--driver-sleep", "0.001",
                                 "--timeout", "3", "-o", "r.json", "-q", code=1)
                self.assertLess(time.monotonic() - begin, 20)
                run = self.report("r.json", "timeout")["runs"][0]
                self.assertEqual(run["status"], "timeout")
                self.assertEqual(run["events_done"], 1)
                self.assertEqual(metric(run, "alloc.count"), 0)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertGreater(metric(run, "api.create_buffer_count"), 10)

    def test_a_strategy_timeout_ends_one_strategy(self):
        events = [FRAME] + [{**BUFFER, "id": i} for i in range(2000)]
        scenario = self.write("s.json", scenario_of(events))
        process = self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "dedicated,null", "--driver-sleep",
                                   "0.001", "--strategy-timeout", "0.5", "-o", "r.json", code=1)
        self.assert_one_line(process.err.splitlines(keepends=True)[-1], "--strategy-timeout", "dedicated in test")
        self.assertRegex(process.out, r"(?m)^dedicated .* timeout at \d+ %$")
        cut, null = self.report("r.json")["runs"]
        self.assertEqual(cut["status"], "timeout")
        self.assertGreater(cut["events_done"], 10)
        self.assertLess(cut["events_done"], 2000)
        self.assertEqual(metric(cut, "alloc.count"), cut["events_done"] - 1)
        self.assertEqual(metric(cut, "alloc.failed_count"), 0)
        self.assertEqual(metric(cut, "free.count"), 0)
        self.assertEqual(metric(cut, "leak.count"), 0)
        self.assertGreater(cut["clean_up_ns"], metric(cut, "alloc.count") * 2_000_000)
        self.assertEqual(null["status"], "ok")
        self.assertNotIn("events_done", null)
        # Nothing is concluded from what did not end.
        for arguments in (["compare", "r.json", "r.json"], ["gate", "r.json", "r.json", "--policy", SOURCE / "reports" / "gate.json"],
                          ["baseline", "accept", "r.json", "-o", "b.json", "--reason", "why not"]):
            process = self.run_program(*arguments, code=5)
            self.assertIn("timeout", process.out + process.err)

    def test_a_strategy_timeout_of_0_is_none(self):
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER]))
        self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "dedicated", "--strategy-timeout", "0", "-o",
                         "r.json", "-q")
        self.report("r.json")

    def test_a_sleeping_driver_is_said(self):
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER]))
        self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "dedicated", "--clock", "wall", "--repeat", "1",
                         "--driver-sleep", "0.002", "-o", "r.json", "-q")
        report = self.report("r.json")
        self.assertEqual([warning["code"] for warning in report["quality"]["warnings"]].count("driver_sleeps"), 1)
        self.assertGreater(metric(report["runs"][0], "time.driver_ns"), 2_000_000)

    # What only reads and prints has nothing to finish.
    def test_commands_without_something_to_finish(self):
        self.run_program("run", "texture_streaming", "--device", SIMULATED, "--strategy", "vma", "-o", "r.json", "-q")
        text = (self.folder / "r.json").read_text(encoding="utf-8")
        report = json.loads(text)
        report["runs"] = [{**report["runs"][0], "strategy": {"name": f"vma-{i}", "parameters": {}}} for i in range(150)]
        self.write("large.json", json.dumps(report))
        for arguments in (["report", "large.json", "--format", "html", "-o", "page.html"], ["compare", "large.json", "large.json"],
                          ["validate", "large.json"],
                          ["expand", "churn", "--set", "scale=100", "--set", "operations=1000000", "-o", "t.jsonl"]):
            with self.subTest(arguments[0]):
                process = self.start(*arguments)
                self.wait_for_handlers(process)
                time.sleep(0.1)
                self.assertIsNone(process.poll(), "the program ended before it could be stopped")
                process.send_signal(signal.SIGTERM)
                err, code, seconds = self.ended(process, time.monotonic())
                self.assertEqual(code, 143)
                self.assertLess(seconds, PROMISED + 1)
                self.assert_one_line(err, "interrupted", "nothing was written")
                self.assertEqual(sorted(self.files()), ["large.json", "r.json"])

    # A child of ab is not left behind.
    def test_ab_and_its_children(self):
        process = self.start("ab", "churn", "--strategies", "vma,core-default", "--device", SIMULATED)
        self.wait_for_handlers(process)
        time.sleep(0.5)
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as listed:
            children = [int(pid) for pid in listed.read().split()]
        process.send_signal(signal.SIGTERM)
        err, code, seconds = self.ended(process, time.monotonic())
        self.assertEqual(code, 143)
        self.assertLess(seconds, PROMISED + 1)
        self.assert_one_line(err, "interrupted")
        for child in children:
            with self.assertRaises(ProcessLookupError):
                os.kill(child, 0)
