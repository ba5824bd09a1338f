"""Every exit code, each by a run that earns it."""
import resource
import signal

from program import BUFFER, FRAME, NO_DRIVERS, ON_POSIX, SIMULATED, ProgramTest, metric, posix_only, profile_of, scenario_of


class ExitCodeTest(ProgramTest):
    def test_0_done(self):
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER], expect=[{"metric": "leak.count", "max": 0}]))
        self.run_program("run", scenario, "--device", SIMULATED, "-o", "r.json")
        self.report("r.json")

    @posix_only
    def test_1_the_output_cannot_be_written(self):
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER]))
        self.run_program("run", scenario, "--device", SIMULATED, "-o", "/dev/full", "-q", code=1)

    def test_1_timeout(self):
        process = self.run_program("run", "scene_switch", "--device", SIMULATED, "--strategy", "null,vma,core-default",
                                   "--repeat", "200", "--timeout", "0.5", "-o", "r.json", "-q", code=1)
        self.assert_one_line(process.err, "--timeout", "time")
        report = self.report("r.json", "timeout")
        # Rounds are shuffled: the strategy at work was cut off.
        self.assertEqual(sorted({run["status"] for run in report["runs"]}), ["ok", "timeout"] if len(report["runs"]) > 1 else ["timeout"])
        self.assertEqual([run["status"] for run in report["runs"]].count("timeout"), 1)
        self.assert_no_leftovers()

    # The lanes that did start wait for the others at a barrier.
    @posix_only
    def test_1_a_thread_cannot_be_started(self):
        scenario = self.write("s.json", scenario_of([FRAME] + [{**BUFFER, "id": i, "lane": i} for i in range(256)]))
        limit = 1_000_000 * 1024  # address space, of which each thread takes a stack
        self.assert_refused("run", scenario, "--device", SIMULATED, "--replay", "concurrent", "--strategy", "null", "-o", "r.json",
                            code=1, says=["thread", "of 256", "ulimit", "in order"],
                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_2_bad_input(self):
        self.assert_refused("run", "missing.json", "--device", SIMULATED, says=["missing.json"])
        self.assert_refused("run", says=["SCENARIO", "`vkmembench run --help`"])
        self.assert_refused("rnu", says=["'rnu'", "did you mean 'run'", "there are run, "])
        self.assert_refused(says=["--help"])
        for flag in ("--help", "--version"):
            self.assert_refused("rnu", flag, says=["'rnu'", "did you mean 'run'", "there are run, "])
            self.assert_refused("soak", flag, says=["'soak'", "there are run, "])

    def test_3_expectation_not_met(self):
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER], expect=[
            {"metric": "alloc.count", "min": 2}, {"metric": "mem.required_peak_bytes", "max": 1, "strategies": ["vma*"]}]))
        process = self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "null,dedicated,vma",
                                   "-o", "r.json", "-q", code=3)
        self.assert_one_line(process.err, "dedicated: alloc.count", "vma: mem.required_peak_bytes", "expected")
        self.assertNotIn("--set", process.err)
        self.assertNotIn("null:", process.err)
        self.assertEqual(len(self.report("r.json")["runs"]), 3)

    def test_3_says_that_set_may_be_why(self):
        scenario = self.write("s.json", {"schema": "vkmembench.scenario/1", "name": "test", "workload": {"generator": "churn"},
                                         "expect": [{"metric": "alloc.count", "max": 1}]})
        process = self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "vma", "--set", "scale=0.02", "-o", "r.json",
                                   "-q", code=3)
        self.assert_one_line(process.err, "vma: alloc.count", "without --set")

    # VMA places an image in the page of a buffer where pages are as large as this one's; the oracle notices.
    def test_6_check_failed(self):
        profile = self.write("p.json", profile_of(granularity=65536))
        process = self.run_program("run", "terrain_lod", "--device", f"sim:{profile}", "--strategy", "vma,core-default",
                                   "--check", "-o", "r.json", "-q", code=6)
        self.assert_one_line(process.err, "terrain_lod", "strategy vma", "granularity", "65536", "checks")
        vma, core = self.report("r.json")["runs"]
        self.assertTrue(vma["checks"]["violations"])
        self.assertGreater(metric(vma, "check.violation_count", {"kind": "granularity"}), 0)
        self.assertEqual(core["checks"]["violations"], [])

    def test_7_out_of_memory_in_must_fit(self):
        profile = self.write("p.json", profile_of(heap_bytes=1 << 20))
        events = [FRAME] + [{**BUFFER, "id": i, "size": 400_000} for i in range(20)]
        scenario = self.write("s.json", scenario_of(events, must_fit=["ded*", "core-*"]))
        process = self.run_program("run", scenario, "--device", f"sim:{profile}", "-o", "r.json", "-q", code=7)
        self.assert_one_line(process.err, "dedicated", "core-default", "must_fit", "memory")
        self.assertNotIn("vma", process.err)
        runs = self.report("r.json")["runs"]
        self.assertEqual(len(runs), self.strategy_count())
        for run in runs:
            self.assertEqual(run["status"], "ok")
            if run["strategy"]["name"] != "null":
                self.assertGreater(metric(run, "alloc.failed_count"), 0, run["strategy"]["name"])
                self.assertGreater(metric(run, "alloc.count"), 0, run["strategy"]["name"])

    def test_7_a_buffer_that_no_device_can_have(self):
        events = [FRAME, {**BUFFER, "size": (1 << 46) + 1}, {**BUFFER, "id": 99}]
        scenario = self.write("s.json", scenario_of(events, must_fit=["vma"]))
        process = self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "all", "-o", "r.json", "-q", code=7)
        self.assert_one_line(process.err, "vma", "must_fit", "memory")
        for run in self.report("r.json")["runs"]:
            self.assertEqual(metric(run, "alloc.failed_count"), 1, run["strategy"]["name"])
            self.assertEqual(metric(run, "alloc.count"), 1, run["strategy"]["name"])

    def test_0_refusals_are_data(self):
        profile = self.write("p.json", profile_of(heap_bytes=1 << 20))
        events = [FRAME] + [{**BUFFER, "id": i, "size": 400_000} for i in range(20)]
        scenario = self.write("s.json", scenario_of(events))
        self.run_program("run", scenario, "--device", f"sim:{profile}", "-o", "r.json")
        self.assertEqual(len(self.report("r.json")["runs"]), self.strategy_count())

    def test_77_no_vulkan_device(self):
        for selector in ("auto", "cpu", "0", "name:*"):
            with self.subTest(selector):
                self.assert_refused("run", "churn", "--device", selector, code=77, environment=NO_DRIVERS,
                                    says=["no Vulkan device", "--device sim:"])

    def test_77_selector_that_matches_none(self):
        for selector in ("name:NoSuchGpu*", "uuid:00000000000000000000000000000bad", "99"):
            with self.subTest(selector):
                self.assert_refused("run", "churn", "--device", selector, code=77, says=["no Vulkan device", "--device sim:"])

    # Wine makes a Ctrl-C of the first, and has nothing to make of the other.
    def test_130_and_143_by_signal(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143))[:2 if ON_POSIX else 1]:
            with self.subTest(number.name):
                process = self.interrupt("run", "scene_switch", "--device", SIMULATED, "--repeat", "40", "-o",
                                         f"r{code}.json", "-q", "--strategy", "null,dedicated,vma,core-default",
                                         number=number, wait_for=f"r{code}.json")
                self.assertEqual(process.returncode, code)
                self.assert_one_line(process.err, "interrupted", "report")
                runs = self.report(f"r{code}.json", "interrupted")["runs"]
                self.assertEqual([run["status"] for run in runs].count("interrupted"), 1)
                self.assertEqual({run["status"] for run in runs} - {"interrupted"}, {"ok"} if len(runs) > 1 else set())
                self.assert_no_leftovers()

    # A workload whose making alone takes long.
    LONG = ["churn", "--set", "scale=100", "--set", "operations=1000000"]

    @posix_only
    def test_130_and_143_while_a_trace_is_made(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for arguments in (["expand", *self.LONG, "-o", "t.jsonl"],
                              ["run", *self.LONG, "--device", SIMULATED, "--strategy", "null", "-o", "r.json"]):
                with self.subTest(arguments[0], signal=number.name):
                    process = self.signal_at_work(number, *arguments)
                    self.assertEqual(process.returncode, code, process.err)
                    self.assert_one_line(process.err, "interrupted", "nothing was written")
                    self.assertEqual(self.files(), {})

    @posix_only
    def test_143_of_doctor(self):
        process = self.signal_at_work(signal.SIGTERM, "doctor")
        self.assertEqual(process.returncode, 143, process.err)
        self.assert_one_line(process.err, "interrupted")

    def test_1_timeout_while_a_trace_is_made(self):
        self.assert_refused("run", *self.LONG, "--device", SIMULATED, "--strategy", "null", "--timeout", "0.3", "-o", "r.json",
                            code=1, says=["--timeout", "before the trace was made", "scale"])

    # 1, 6, 7, 3 in that order.
    def test_the_gravest_of_several(self):
        profile = self.write("p.json", profile_of(heap_bytes=1 << 20))
        events = [FRAME] + [{**BUFFER, "id": i, "size": 400_000} for i in range(20)]
        scenario = self.write("s.json", scenario_of(events, must_fit=["dedicated"],
                                                    expect=[{"metric": "alloc.failed_count", "max": 0}]))
        self.run_program("run", scenario, "--device", f"sim:{profile}", "-o", "r.json", code=7)
        self.run_program("run", scenario, "--device", f"sim:{profile}", "-o", "r.json", "--strategy", "vma", code=3)
