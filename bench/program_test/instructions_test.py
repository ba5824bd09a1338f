"""Instructions of strategies, counted by valgrind or the CPU: `run --clock instructions`, what a gate makes of them, `ab --measure`."""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from program import PROGRAM, SIMULATED, SOURCE, ProgramTest, metric, validator

SMALL = (SOURCE / "scenarios" / "churn.json", "--set", "scale=0.1", "--device", SIMULATED, "--strategy", "vma,core-default")
POLICY = {"schema": "vkmembench.gate/1", "rules": [{"metric": "instr.*", "limit": "+0.1%"}]}
CLASSES = ("instr.create_count", "instr.destroy_count", "instr.frame_count", "instr.total_count")


LONG = (SOURCE / "scenarios" / "churn.json", "--set", "scale=20", "--device", SIMULATED)


def counters_below(folder):
    """Processes of valgrind that write below the folder."""
    found = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in words.read_bytes():
                found.append(int(words.parent.name))
        except OSError:
            pass  # it ended meanwhile
    return found


def counts(report):
    return {run["strategy"]["name"]: {row["id"]: (row["value"], row["n"]) for row in run["metrics"] if row["id"].startswith("instr.")}
            for run in report["runs"]}


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class InstructionsTest(ProgramTest):
    def count(self, name, *arguments):
        self.run_program("run", *SMALL, "--clock", "instructions", "-q", "-o", name, *arguments)
        report = self.report(name)
        self.report_validator.validate(report)
        return report

    def test_counts_are_the_same_each_time(self):
        first, again = self.count("one.json"), self.count("another.json")
        self.assertEqual(counts(first), counts(again))
        for strategy, rows in counts(first).items():
            with self.subTest(strategy):
                self.assertEqual(set(rows), set(CLASSES))
                self.assertEqual(rows["instr.total_count"], tuple(sum(rows[name][i] for name in CLASSES[:3]) for i in (0, 1)))
        self.assertGreater(len(first["tool"]["counted"]), 3)
        self.assertEqual(first["invocation"]["argv"][:2], [PROGRAM, "run"])
        self.assertEqual(set(os.listdir(self.folder)), {"one.json", "another.json"})

    def test_what_is_counted_is_what_the_model_clock_replays(self):
        counted = self.count("counted.json")
        self.run_program("run", *SMALL, "-q", "-o", "model.json")
        for run, other in zip(counted["runs"], self.report("model.json")["runs"]):
            self.assertEqual((run["clock"], other["clock"]), ("instructions", "model"))
            self.assertEqual([row for row in run["metrics"] if not row["id"].startswith("instr.")], other["metrics"])
            creates = metric(run, "alloc.count") + metric(run, "alloc.failed_count")
            self.assertEqual(counts(counted)[run["strategy"]["name"]]["instr.create_count"][1], creates)

    def test_more_operations_take_more_instructions(self):
        less, more = counts(self.count("less.json"))["vma"], counts(self.count("more.json", "--set", "operations=2048"))["vma"]
        self.assertGreater(more["instr.create_count"][0], 1.3 * less["instr.create_count"][0])

    @unittest.skipUnless(shutil.which("strip"), "there is no strip")
    def test_a_stripped_program_counts_alike(self):
        stripped = self.folder / "stripped"
        subprocess.run(["strip", "-o", stripped, PROGRAM], check=True)
        whole = counts(self.count("whole.json"))
        subprocess.run([stripped, "run", *SMALL, "--clock", "instructions", "-q", "-o", self.folder / "s.json"], check=True,
                       capture_output=True, timeout=120)
        self.assertEqual(counts(self.report("s.json")), whole)

    def test_a_gate_allows_a_thousandth(self):
        base = self.count("base.json")
        policy = self.write("policy.json", POLICY)
        for factor, code in ((1.0005, 0), (1.002, 3)):
            for run in base["runs"]:
                for row in run["metrics"]:
                    if row["id"] == "instr.create_count":
                        row["value"] = int(counts(self.report("base.json"))[run["strategy"]["name"]]["instr.create_count"][0] * factor)
            self.write("candidate.json", base)
            self.run_program("gate", "base.json", "candidate.json", "--policy", policy, code=code)

    def test_counts_of_other_libraries_do_not_compare(self):
        report = self.count("base.json")
        report["tool"]["counted"]["libc.so.6"] = "another"
        policy = self.write("policy.json", POLICY)
        process = self.run_program("gate", "base.json", self.write("candidate.json", report), "--policy", policy, code=5)
        self.assertIn("other targets or libraries", process.out + process.err)
        # Bytes do not depend on them.
        bytes_policy = self.write("bytes.json", {**POLICY, "rules": [{"metric": "mem.*", "limit": "+0%"}]})
        self.run_program("gate", "base.json", "candidate.json", "--policy", bytes_policy)
        del report["tool"]["counted"]
        report["runs"][0]["metrics"] = [{**row, "value": 1} if row["id"] == "instr.create_count" else row for row in report["runs"][0]["metrics"]]
        compared = self.run_program("compare", "base.json", self.write("candidate.json", report)).out
        self.assertIn("counts of instructions are left out", compared)
        self.assertNotIn("instr.create_count", compared)

    def test_what_surrounds_the_program_has_no_say(self):
        usual = counts(self.count("usual.json"))
        self.write("home/.valgrindrc", "--branch-sim=yes\n")
        self.write(".valgrindrc", "--cache-sim=yes\n")
        odd = {"VALGRIND_OPTS": "--collect-systime=yes", "MALLOC_PERTURB_": "85", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0", "LD_BIND_NOW": "",
               "HOME": str(self.folder / "home"), "TMPDIR": self.write("%p/here", "") and str(self.folder / "%p")}
        self.run_program("run", *SMALL, "--clock", "instructions", "-q", "-o", "odd.json", environment=odd)
        self.assertEqual(counts(self.report("odd.json")), usual)

    def test_under_a_callgrind_of_ones_own(self):
        usual = counts(self.count("usual.json"))
        subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=own", PROGRAM, "run", *SMALL, "--clock", "instructions", "-q", "-o", "own.json"],
                       check=True, capture_output=True, timeout=300, cwd=self.folder, env={**os.environ, "VKMEMBENCH_CALLGRIND_OUT": str(self.folder / "own")})
        self.assertEqual(counts(self.report("own.json")), usual)

    def test_an_end_leaves_nothing_behind(self):
        copy = shutil.copy(PROGRAM, self.folder / "copy")
        run = ("run", *LONG, "--strategy", "vma", "--clock", "instructions", "-q", "-o", "long.json")
        ab = ("ab", *LONG, "--measure", "instructions", "--base", PROGRAM, "--candidate", copy, "--force")
        for arguments in run, ab:
            for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
                with self.subTest(arguments[0], signal=number):
                    scratch = self.folder / "scratch"
                    shutil.rmtree(scratch, ignore_errors=True)
                    scratch.mkdir()
                    process = self.start(*arguments, environment={"TMPDIR": str(scratch)})
                    while not counters_below(scratch):
                        self.assertIsNone(process.poll())
                        time.sleep(0.02)
                    time.sleep(0.5)
                    process.send_signal(number)
                    err = process.communicate(timeout=60)[1]
                    self.assertEqual(process.returncode, 128 + number, err)
                    self.assertIn("interrupted", err)
                    self.assertEqual((counters_below(scratch), list(scratch.iterdir())), ([], []))

    def test_a_killed_counter(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        process = self.start("run", *LONG, "--strategy", "vma", "--clock", "instructions", "-q", environment={"TMPDIR": str(scratch)})
        while not (children := [pid for pid in counters_below(scratch) if pid != process.pid]):
            self.assertIsNone(process.poll())
            time.sleep(0.02)
        os.kill(children[0], signal.SIGKILL)
        err = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1, err)
        self.assert_one_line(err, "valgrind was ended", "Killed")
        self.assertEqual(list(scratch.iterdir()), [])

    def test_a_killed_program_leaves_no_counter(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        process = self.start("run", *LONG, "--strategy", "vma", "--clock", "instructions", "-q", environment={"TMPDIR": str(scratch)})
        while not counters_below(scratch):
            self.assertIsNone(process.poll())
            time.sleep(0.02)
        time.sleep(1)
        process.kill()
        process.communicate(timeout=60)
        deadline = time.monotonic() + 30
        while counters_below(scratch):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_a_timeout_is_one(self):
        process = self.run_program("run", *LONG, "--strategy", "vma", "--clock", "instructions", "--timeout", "2", "-q", code=1)
        self.assertIn("--timeout was reached", process.err)
        (run,) = self.report("churn.report.json", "timeout")["runs"]
        self.assertLess(run["events_done"], 0.9 * self.report("churn.report.json", "timeout")["scenario"]["event_count"])

    def test_counts_of_the_cpu_are_bounded_and_do_not_compare_with_those_of_valgrind(self):
        report = self.count("base.json")
        for run in report["runs"]:
            for row in run["metrics"]:
                if row["id"].startswith("instr."):
                    row["class"] = "bounded"
        report["tool"]["counted"]["counter"] = "A CPU"
        policy = self.write("policy.json", POLICY)
        candidate = self.write("candidate.json", report)
        process = self.run_program("gate", "base.json", candidate, "--policy", policy, code=5)
        self.assertIn("the counters of instructions differ: valgrind and A CPU", process.out + process.err)
        self.run_program("gate", candidate, candidate, "--policy", policy)

    def test_the_cpu_counts_or_it_is_said_why_not(self):
        arguments = ("run", *SMALL, "--clock", "instructions", "--counter", "hardware", "-q", "-o", "counted.json")
        if "the CPU counts instructions" in self.run_program("doctor").out:
            self.run_program(*arguments)
            report = self.report("counted.json")
            self.assertIn("counter", report["tool"]["counted"])
            self.assertEqual({row["class"] for run in report["runs"] for row in run["metrics"] if row["id"].startswith("instr.")}, {"bounded"})
        else:
            self.assert_refused(*arguments, says=("--counter hardware", "--counter valgrind"))

    def test_ab_counts_two_builds(self):
        same = self.run_program("ab", "--measure", "instructions", "--base", PROGRAM, "--candidate", PROGRAM, *SMALL[:-2])
        self.assertIn("the same program", same.out)
        copy = shutil.copy(PROGRAM, self.folder / "copy")
        process = self.run_program("ab", "--measure", "instructions", "--base", PROGRAM, "--candidate", copy, "--force",
                                   "--strategy", "vma", *SMALL[:-2], "-o", "ab.json")
        self.assertIn("passed", process.out)
        result = json.loads((self.folder / "ab.json").read_text())
        validator("ab").validate(result)
        self.assertEqual((result["verdict"], result["counter"]), ("passed", "valgrind"))
        self.assertNotIn("no rule", process.err)
        bytes_policy = self.write("bytes.json", {**POLICY, "rules": [{"metric": "mem.*", "limit": "+0%"}]})
        process = self.run_program("ab", "--measure", "instructions", "--base", PROGRAM, "--candidate", copy, "--force",
                                   "--strategy", "vma", *SMALL[:-2], "--policy", bytes_policy)
        self.assertIn("no rule of instr.*", process.err)
        self.run_program("run", *SMALL[:-2], "--strategy", "vma", "--clock", "instructions", "-q", "-o", "run.json")
        own = counts(self.report("run.json"))["vma"]
        self.assertEqual({row["id"]: (row["base"], row["candidate"]) for row in result["counts"]}, {name: (value, value) for name, (value, n) in own.items()})

    def test_what_cannot_be_counted(self):
        self.assert_refused("run", *SMALL, "--clock", "instructions", "--replay", "concurrent", says=("instructions", "concurrent"))
        self.assert_refused("ab", "churn", "--measure", "instructions", "--strategies", "vma,null", says=("two builds",))
        self.assert_refused("run", *SMALL, "--clock", "instructions", environment={"PATH": "/nonexistent"},
                            says=("--clock instructions", "install valgrind"))
        for flags in ("--check",), ("--validation",), ("--host-tracking",), ("--timing", "off"), ("--repeat", "3"):
            self.assert_refused("run", *SMALL, "--clock", "instructions", *flags, says=("--clock instructions", *flags[:1], "leave out"))
        builds = ("ab", "churn", "--measure", "instructions", "--base", PROGRAM, "--candidate", PROGRAM, "--force")
        self.assert_refused(*builds, "--max-time", "1", says=("--max-time",))
        self.assert_refused(*builds, "--control", "on", says=("--control",))
        policy = self.write("policy.json", {**POLICY, "rules": [{"metric": "instr.*", "min_effect": "5%"}]})
        self.assert_refused(*builds, "--policy", policy, says=(policy, "instr.*", "limit"))
        self.assert_refused("run", *SMALL, "--counter", "hardware", says=("--clock instructions",))
        self.assert_refused("run", *SMALL, "--clock", "instructions", "--counter", "hand", says=("--counter", "hand"))
        self.assert_refused("ab", "churn", "--base", PROGRAM, "--candidate", PROGRAM, "--counter", "hardware", says=("--measure instructions",))
        self.assert_refused("run", "no such scenario", "--clock", "instructions", says=("no such scenario",))
