"""compare, gate and baseline as a CI job uses them: every exit code, each by inputs that earn it."""
import json
import shutil
import xml.etree.ElementTree as xml
from pathlib import Path

from program import BUFFER, FRAME, ON_POSIX, PROGRAM, SIMULATED, SOURCE, ProgramTest, metric, posix_only, scenario_of, validator

SAMPLES = SOURCE / "reports" / "samples"
BEFORE = SAMPLES / "regression" / "before.json"
AFTER = SAMPLES / "regression" / "after.json"
CHURN = ["churn", "--device", SIMULATED, "--clock", "model", "--set", "scale=0.05", "--strategy", "vma,core-default", "-q"]


def policy_of(*rules, **keys):
    return {"schema": "vkmembench.gate/1", "rules": list(rules), **keys}


BYTES = policy_of({"metric": "mem.*", "limit": "+0"})


class GateTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.policy = self.write("policy.json", BYTES)

    def changed(self, name, change, source=BEFORE):
        report = json.loads(source.read_text())
        change(report)
        return self.write(name, report)

    def gate(self, base, candidate, *arguments, code=0, **options):
        return self.run_program("gate", base, candidate, "--policy", self.policy, *arguments, code=code, **options)

    def test_0_the_same_commit_again(self):
        for name in ("base.json", "candidate.json"):
            self.run_program("run", *CHURN, "-o", name)
        process = self.gate("base.json", "candidate.json")
        self.assertIn("passed", process.out)
        self.assertIn("0 regressed", process.out)

    def test_3_more_bytes(self):
        process = self.gate(BEFORE, AFTER, "--junit", "junit.xml", "--summary", "summary.md", code=3)
        self.assert_one_line(process.err, "mem.reserved_end_bytes", "baseline accept")
        self.assertIn("422 MiB", process.out)
        self.assertIn("again: ", process.out)
        case, = xml.parse(self.folder / "junit.xml").iter("testcase")
        self.assertIn("mem.reserved_peak_bytes: 422 MiB -> 572 MiB", case.find("failure").text)
        self.assertIn("| engine |", (self.folder / "summary.md").read_text())

    def test_json_output(self):
        result = json.loads(self.gate(BEFORE, AFTER, "--json", code=3).out)
        self.assertEqual(result["exit"], 3)
        worst = result["rows"][-1]
        self.assertEqual((worst["metric"], worst["state"]), ("mem.reserved_end_bytes", "regressed"))

    def test_github(self):
        summary = self.folder / "step.md"
        summary.write_text("before\n")
        self.policy = self.write("policy.json", policy_of({"metric": "*", "limit": "+0"}))
        process = self.gate(BEFORE, AFTER, code=3, environment={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
        self.assertTrue(summary.read_text().startswith("before\n### vkmembench gate: "))
        self.assertEqual(process.err.count("::error title=vkmembench gate::"), 10)

    def test_3_a_modelled_stall(self):
        # Modelled times are exact: a policy limits them as it limits bytes.
        buffers = [dict(BUFFER, id=i, size=1_000_000) for i in range(1, 65)]
        scenario = self.write("s.json", scenario_of([FRAME, *buffers]))
        self.run_program("run", scenario, "--device", "sim:nvidia-rtx-3090", "--strategy", "vma,core-default", "-o", "r.json", "-q")
        run, = (run for run in self.report("r.json")["runs"] if run["strategy"]["name"] == "vma")
        self.assertEqual({metric["class"] for metric in run["metrics"] if metric["id"].startswith("time.")}, {"exact"})
        slowest = metric(run, "time.create_buffer_ns.max")
        self.assertGreater(slowest, 1_000_000)
        for limit, code in ((slowest, 0), (slowest - 1, 3)):
            self.policy = self.write("policy.json", policy_of({"metric": "time.create_buffer_ns.max", "limit": f"max {limit}"}))
            process = self.gate("r.json", "r.json", code=code)
        self.assert_one_line(process.err, "time.create_buffer_ns.max")

    def test_2_bad_input(self):
        self.assert_refused("gate", BEFORE, AFTER, says=["--policy"])
        self.assert_refused("gate", BEFORE, "missing.json", "--policy", self.policy, says=["missing.json"])
        self.assert_refused("gate", BEFORE, AFTER, "--policy", "missing.json", says=["missing.json"])
        typo = self.write("typo.json", policy_of({"metrik": "mem.*", "limit": "+0"}))
        self.assert_refused("gate", BEFORE, AFTER, "--policy", typo, says=["typo.json:", "/rules/0", "did you mean 'metric'"])
        for name, content in {"cut.json": BEFORE.read_text()[:70000], "empty.json": "", "nan.json": '{"schema": NaN}',
                              "other.json": {"schema": "vkmembench.report/2"}, "scenario.json": {"schema": "vkmembench.scenario/1"}}.items():
            with self.subTest(name):
                bad = self.write(name, content)
                self.assert_refused("gate", BEFORE, bad, "--policy", self.policy, says=[name])
                self.assert_refused("compare", bad, BEFORE, says=[name])
                self.assert_refused("baseline", "accept", bad, "-o", "b.json", "--reason", "x", says=[name])
        twice = self.changed("twice.json", lambda report: report["runs"].append(report["runs"][0]))
        self.assert_refused("gate", BEFORE, twice, "--policy", self.policy, says=["twice.json", "/runs/1"])

    # Of two sets of parameters under one name only what differs is named.
    def test_other_parameters(self):
        for name, bytes_ in (("a", 4194304), ("b", 8388608)):
            self.write("tuned.json", {"preset": "core-default", "parameters": {"min_block_bytes": bytes_}})
            self.run_program("run", "churn", "--set", "scale=0.05", "--device", SIMULATED, "--strategy", "tuned.json", "-o", f"{name}.json", "-q")
        says = "b.json: tuned has other parameters than in a.json: min_block_bytes: 4194304 -> 8388608\n"
        policy = self.write("p.json", policy_of({"metric": "*", "limit": "+900%"}))
        self.assertIn(says, self.run_program("gate", "a.json", "b.json", "--policy", policy, code=None).out)
        self.assertIn(says, self.run_program("compare", "a.json", "b.json").out)

    def test_5_not_comparable(self):
        changes = {"trace_hash": lambda report: report["scenario"].update(trace_hash="0" * 16),
                   "requirements": lambda report: report["device"].update(requirements_hash="0" * 16),
                   "clock": lambda report: report["runs"][0].update(clock="wall"),
                   "incomplete": lambda report: report.update(status="incomplete"),
                   "interrupted": lambda report: report.update(status="interrupted"),
                   "nothing": lambda report: report.update(runs=[]),
                   "scenario": lambda report: report["scenario"].update(name="other")}
        for name, change in changes.items():
            with self.subTest(name):
                other = self.changed(f"{name}.json", change, AFTER)
                process = self.gate(BEFORE, other, code=5)
                self.assertNotIn("regressed: limit", process.out)

    def test_5_nothing_measured(self):
        (self.folder / "empty").mkdir()
        self.assert_refused("gate", "empty/", AFTER, "--policy", self.policy, code=5, says=["empty"])
        self.policy = self.write("policy.json", policy_of({"metric": "no.such", "limit": "+0"}))
        self.assert_refused("gate", BEFORE, AFTER, "--policy", self.policy, code=5, says=["policy.json", "no rule matches"])
        self.policy = self.write("policy.json", policy_of({"metric": "*", "limit": "ignore"}))
        self.gate(BEFORE, AFTER, code=5)

    def test_a_rule_that_matches_nothing_is_a_warning(self):
        self.policy = self.write("policy.json", policy_of({"metric": "mem.*", "limit": "+0"}, {"metric": "no.such", "limit": "+0"}))
        self.assertIn("/rules/1", self.gate(BEFORE, BEFORE).err)
        self.policy = self.write("policy.json", policy_of({"metric": "mem.*", "limit": "+0"}, {"metric": "api.bind_bufer_memory_count", "limit": "+0"}))
        self.assertIn("is no metric (did you mean 'api.bind_buffer_memory_count'?)", self.gate(BEFORE, BEFORE).err)

    def test_folders(self):
        for name in ("base", "candidate"):
            (self.folder / name).mkdir()
            shutil.copy(BEFORE, self.folder / name / "a.json")
            shutil.copy(SAMPLES / "history" / "01.json", self.folder / name / "b.json")
        self.gate("base", "candidate")
        self.write("candidate/c.json", "{")
        self.assertIn("c.json", self.gate("base", "candidate", code=2).err)
        self.assertIn("left out", self.run_program("compare", "base", "candidate").err)
        (self.folder / "candidate" / "c.json").unlink()
        (self.folder / "candidate" / "b.json").unlink()
        self.gate("base", "candidate", code=5)
        self.policy = self.write("policy.json", {**BYTES, "on_missing": "warn"})
        self.gate("base", "candidate")

    def test_5_nothing_has_a_value(self):
        def empty(report):
            for row in report["runs"][0]["metrics"]:
                row["value"] = None
        bare = self.changed("null.json", empty)
        self.assertIn("nothing was measured", self.gate(bare, bare, code=5).err)
        self.assert_refused("compare", bare, bare, code=5, says=["nothing can be compared"])
        failed = self.changed("failed.json", lambda report: report["runs"][0].update(status="failed"))
        self.assert_refused("compare", failed, failed, code=5, says=["nothing can be compared"])

    def test_5_a_strategy_that_the_base_lacks(self):
        more = self.changed("more.json", lambda report: report["runs"].append(
            {**report["runs"][0], "strategy": {"name": "other", "parameters": {}}}))
        self.assertIn("other", self.gate(BEFORE, more, code=5).err)
        self.policy = self.write("policy.json", {**BYTES, "on_missing": "warn"})
        self.gate(BEFORE, more)

    def test_2_damage(self):
        whole = BEFORE.read_text()
        deep = json.loads(whole)
        deep["runs"][0]["strategy"]["parameters"] = "@"
        self.write("deep.json", json.dumps(deep).replace('"@"', "[" * 100_000 + "]" * 100_000))
        self.changed("twice.json", lambda report: report["runs"][0]["metrics"].append(report["runs"][0]["metrics"][0]))
        for name, says in (("deep.json", "nested deeper"), ("twice.json", "twice")):
            with self.subTest(name):
                for arguments in (["gate", BEFORE, name, "--policy", self.policy], ["compare", BEFORE, name],
                                  ["baseline", "accept", name, "-o", "b.json", "--reason", "x"]):
                    self.assert_refused(*arguments, says=[name, says])
        self.assert_refused("report", "deep.json", says=["nested deeper"])

    @posix_only
    def test_names_stay_names(self):
        name = "s\n::error title=x::pwned\x1b[2J\u009b\uffff ##[error]"
        for source, file in ((BEFORE, "a.json"), (AFTER, "b.json")):
            def rename(report):
                report["scenario"]["name"] = report["runs"][0]["strategy"]["name"] = name
                report["quality"]["warnings"] = [{"code": "::error title=x", "text": name}]
                for row in report["runs"][0]["metrics"]:
                    row["reason"] = name
            self.changed(file, rename, source)
        half = json.loads((self.folder / "b.json").read_text())
        half["status"] = "incomplete"
        (self.folder / "h\n::error title=x\udcff.json").write_text(json.dumps(half))
        shown = []
        for candidate, code in (("b.json", 3), ("h\n::error title=x\udcff.json", 5)):
            process = self.gate("a.json", candidate, "--junit", "j.xml", "--summary", "s.md", code=code,
                                environment={"GITHUB_ACTIONS": "true"})
            xml.parse(self.folder / "j.xml")
            shown += [process.out, process.err, (self.folder / "s.md").read_text()]
        process = self.run_program("compare", "a.json", "b.json")
        shown += [process.out, process.err, self.run_program("report", "a.json").out]
        for text in shown:
            self.assertNotRegex(text, r"(?m)^\s*::error title=x|##\[|[\x00-\x09\x0b-\x1f\x7f-\x9f\uffff\ufffd]")
        self.assertEqual(sum("pwned" in text for text in shown), len(shown) - 1, "all but the log of compare show it")

    def test_baseline_of_another_scenario(self):
        self.run_program("baseline", "accept", BEFORE, "-o", "b.json", "--reason", "one")
        self.assert_refused("baseline", "accept", SAMPLES / "history" / "01.json", "-o", "b.json", "--reason", "two", code=5,
                            says=["b.json", "another -o"])

    def test_baseline(self):
        self.run_program("baseline", "accept", BEFORE, "-o", "baseline.json", "--reason", "first")
        self.report("baseline.json")
        self.gate("baseline.json", AFTER, code=3)
        self.run_program("baseline", "accept", AFTER, "-o", "baseline.json", "--reason", "blocks are larger on purpose")
        accepted = self.report("baseline.json")["baseline"]
        self.assertEqual([entry["reason"] for entry in accepted], ["first", "blocks are larger on purpose"])
        self.gate("baseline.json", AFTER)
        self.assert_refused("baseline", "accept", AFTER, "-o", "b.json", says=["--reason"])
        self.assert_refused("baseline", "accept", AFTER, "-o", "b.json", "--reason", " ", says=["--reason"])
        half = self.changed("half.json", lambda report: report.update(status="incomplete"))
        self.assert_refused("baseline", "accept", half, "-o", "b.json", "--reason", "x", code=5, says=["half.json"])

    def test_baseline_of_a_folder(self):
        self.write("reports/churn.json", BEFORE.read_text())
        self.write("reports/deep/other.json", (SAMPLES / "history" / "01.json").read_text())
        self.run_program("baseline", "accept", "reports", "-o", "kept/base", "--reason", "both")
        for name in ("churn.json", "deep/other.json"):
            self.assertEqual([entry["reason"] for entry in self.report("kept/base/" + name)["baseline"]], ["both"])
        self.gate("kept/base", "reports")
        self.write("reports/bad.json", "{")
        self.assert_refused("baseline", "accept", "reports", "-o", "none", "--reason", "x", says=["bad.json"])
        self.assertFalse((self.folder / "none").exists(), "all or nothing")

    def test_policies_are_valid_by_the_schema(self):
        schema = validator("gate")
        for policy in (BYTES, policy_of({"metric": "a.b", "limit": "+0.01 | max 0.35"}), policy_of({"metric": "*", "limit": "ignore"}),
                       policy_of({"metric": "time.x_ns.p50", "min_effect": "5%", "pairs": [12, 20, 32]}, on_missing="warn")):
            self.assertEqual([error.message for error in schema.iter_errors(policy)], [])
        for rule in ({"limit": "+0"}, {"metric": "x"}, {"metric": "x", "limit": "0"}, {"metric": "x", "limit": "+0", "min_effect": "5%"}):
            self.assertTrue(list(schema.iter_errors(policy_of(rule))), rule)

    def test_compare(self):
        devices = [SAMPLES / "devices" / f"{name}-churn.json" for name in ("nvidia-rtx-3090", "amd-rx-6600", "arm-mali-g7x")]
        text = self.run_program("compare", *devices).out
        for part in ("/ vma", "heaps: NVIDIA GeForce RTX 3090 has", "granularity", "ranking of strategies flips"):
            self.assertIn(part, text)
        scenario, = json.loads(self.run_program("compare", *devices, "--json").out)
        self.assertEqual(scenario["ratios_to"], "vma")
        self.assertEqual(len(scenario["reports"]), 3)
        self.assertIn("1.355", self.run_program("compare", BEFORE, AFTER).out)
        self.assert_refused("compare", BEFORE, code=2)
        self.assert_refused("compare", BEFORE, devices[0], code=5, says=["in common"])


class AbTest(ProgramTest):
    """Stand-ins for builds: a program that answers as ours does, with times of its own."""

    STAND_IN = Path(PROGRAM).parent / "stand_in"
    REPORT = SAMPLES / "history" / "01.json"

    def build(self, name, **orders):
        """A copy of the stand-in that does so; see stand_in/ab_build.cpp."""
        program, = self.STAND_IN.glob("ab_build*")
        orders = {"report": str(self.REPORT), "slower": 1.0, "noise": 0.0, "trace": None, **orders}
        path = self.write(name, program.read_bytes() + b"\n" + json.dumps(orders).encode())
        (self.folder / name).chmod(0o755)
        return path

    def ab(self, *arguments, code=0, control="off", **options):
        return self.run_program("ab", "churn", "--control", control, "-q", *arguments, code=code, timeout=300, **options)

    def builds(self, **candidate):
        return ["--base", self.build("base"), "--candidate", self.build("candidate", **candidate)]

    def test_0_no_change(self):
        process = self.ab(*self.builds(slower=1.0001), "-o", "ab.json")
        self.assertIn("passed: ", process.out)
        result = json.loads((self.folder / "ab.json").read_text())
        self.assertEqual(result["verdict"], "passed")
        self.assertEqual(result["first"]["pairs"], 12)
        self.assertEqual(list(validator("ab").iter_errors(result)), [])

    def test_3_slower(self):
        process = self.ab(*self.builds(slower=1.1), "-o", "ab.json", code=3)
        self.assert_one_line(process.err, "regressed", "12 of 12 pairs worse by more than 5 %", "confirmed by 12 fresh pairs")
        result = json.loads((self.folder / "ab.json").read_text())
        self.assertEqual(list(validator("ab").iter_errors(result)), [])
        self.assertIn("confirmation", result)

    def test_4_unfit_machine(self):
        builds = ["--base", self.build("base", noise=0.2), "--candidate", self.build("candidate", slower=2, noise=0.2)]
        policy = self.write("policy.json", policy_of({"metric": "time.create_*_ns.p50", "min_effect": "5%", "pairs": [6, 8, 10]},
                                                     on_inconclusive="fail"))
        process = self.ab(*builds, "--policy", policy, control="on", code=4)
        self.assertIn("inconclusive", process.err)
        policy = self.write("policy.json", policy_of({"metric": "time.create_*_ns.p50", "min_effect": "5%", "pairs": [6, 8, 10]}))
        self.assertIn("inconclusive", self.ab(*builds, "--policy", policy, control="on").out)

    def test_4_the_time_is_up(self):
        builds = self.builds(slower=2)
        self.assertIn("inconclusive: the time was up after 1 pairs", self.ab(*builds, "--max-time", "0.000001").out)
        policy = self.write("policy.json", policy_of({"metric": "throughput.*", "min_effect": "5%"}, on_inconclusive="fail"))
        self.assertIn("--max-time", self.ab(*builds, "--max-time", "0.000001", "--policy", policy, code=4).err)

    def test_the_control_is_on_where_ci_is_set(self):
        builds = self.builds(slower=1.0001)
        for variable, controls in (("", False), ("true", True)):
            process = self.run_program("ab", "churn", "-q", "--json", *builds, environment={"CI": variable}, timeout=300)
            self.assertEqual(json.loads(process.out)["control"], controls)

    def test_0_the_same_program_is_not_timed(self):
        builds = self.builds()
        shutil.copy(self.folder / "base", self.folder / "candidate")
        self.assertIn("nothing was timed", self.ab(*builds).out)
        self.assertIn("pairs of fresh processes", self.ab(*builds, "--force").out)
        self.assertIn("nothing was timed", self.ab("--strategies", "vma,vma").out)

    def test_2_usage(self):
        base = self.build("base")
        for arguments in ((), ("--base", base), ("--base", base, "--candidate", "missing"), ("--strategies", "vma"),
                          ("--strategies", "vma,dedicated,null"), ("--strategies", "vma,no-such"),
                          ("--base", base, "--candidate", base, "--strategies", "vma,null")):
            with self.subTest(arguments):
                self.assert_refused("ab", "churn", *arguments)
        # What is the same on both sides is not timed, but looked for.
        for strategies in ("vma,dedicated", "vma,vma"):
            self.assert_refused("ab", "no-such-scenario", "--strategies", strategies, says=["no-such-scenario"])
        self.assert_refused("ab", "churn", "--strategies", "vma,vma", "--device", "sim:nope", says=["'nope'"])

    def test_1_an_output_that_cannot_be_written_ends_it_before_it_begins(self):
        self.assert_refused("ab", "churn", *self.builds(), "-o", "nowhere/ab.json", code=1, says=["nowhere/ab.json", "folder"])
        self.assertEqual(set(self.files()), {"base", "candidate"})

    def test_5_not_comparable(self):
        self.assert_refused("ab", "churn", "--control", "off", "-q", *self.builds(trace="0" * 16), code=5, says=["traces"])
        policy = self.write("policy.json", policy_of({"metric": "no.such", "min_effect": "5%"}))
        self.assert_refused("ab", "churn", "--control", "off", "-q", "--policy", policy, *self.builds(slower=2), code=5,
                            says=["min_effect"])

    def test_a_build_that_fails_is_told(self):
        path = self.build("broken", fails="vkmembench: out of luck")
        self.assert_refused("ab", "churn", "-q", "--base", self.build("base"), "--candidate", path, code=77, says=["out of luck"])

    @posix_only
    def test_what_is_no_build_is_told(self):
        self.assert_refused("ab", "churn", "-q", "--base", "/bin/true", "--candidate", "/bin/echo",
                            says=["is no build of vkmembench"])

    @posix_only
    def test_without_a_temporary_folder(self):
        settings = {"environment": {"TMPDIR": "/nonexistent"}}
        self.assert_refused("ab", "churn", "-q", *self.builds(slower=2), code=1, says=["TMPDIR=/nonexistent", "set TMPDIR"], **settings)
        self.assertIn("TMPDIR=/nonexistent", self.run_program("doctor", **settings).out)

    def test_ratios_are_of_what_is_shown(self):
        rows = {}
        for line in self.ab(*self.builds(slower=2), code=3).out.split("confirmation")[0].splitlines():
            cells = [cell for cell in line.split("  ") if cell]
            if cells and cells[0].strip().startswith(("throughput", "time.create_buffer_ns.p50")):
                ratio, low, high = (float(text) for text in (cells[-2], *cells[-1].split("..")))
                self.assertLessEqual(low, high)
                self.assertAlmostEqual(ratio / low, 1, delta=0.02)
                rows[cells[0].strip()] = ratio
        self.assertAlmostEqual(rows["throughput.ops_per_s"], 0.5, delta=0.02)
        self.assertAlmostEqual(rows["time.create_buffer_ns.p50"], 2, delta=0.08)

    def test_two_real_programs(self):
        program = Path(PROGRAM) if ON_POSIX else Path(PROGRAM).with_suffix(".exe")
        other = self.write("other.exe", program.read_bytes() + b"another build")
        (self.folder / "other.exe").chmod(0o755)
        policy = self.write("policy.json", policy_of({"metric": "throughput.ops_per_s", "min_effect": "5%", "pairs": [6]}))
        process = self.ab("--base", program, "--candidate", other, "--device", SIMULATED, "--set", "scale=0.02", "--policy", policy,
                          "--json", code=None)  # the machine has its say in it
        self.assertTrue(process.out, f"exit {process.returncode}: {process.err}")
        result = json.loads(process.out)
        self.assertEqual(list(validator("ab").iter_errors(result)), [])
        self.assertIn(result["verdict"], ("passed", "regressed", "inconclusive"))
        self.assertEqual([result["same"], result["first"]["pairs"]], [False, 6])
        self.assertNotEqual(result["base"]["program"], result["candidate"]["program"])

    def test_two_strategies_of_the_real_program(self):
        policy = self.write("policy.json", policy_of({"metric": "throughput.ops_per_s", "min_effect": "5%", "pairs": [6]}))
        process = self.ab("--strategies", "null,core-default", "--device", SIMULATED, "--set", "scale=0.2", "--policy", policy,
                          "--json", code=3)
        result = json.loads(process.out)
        self.assertEqual(result["candidate"]["strategy"], "core-default")
        self.assertEqual(result["verdict"], "regressed")
