"""What `stress` tries, finds, shrinks and reports."""
import json
import signal
import time

from program import BUFFER, FRAME, SIMULATED, ProgramTest, scenario_of, validator


class StressTest(ProgramTest):
    def stress(self, *arguments, code=0, **options):
        process = self.run_program("stress", *arguments, "-q", code=code, timeout=120, **options)
        return process, self.stress_report()

    def stress_report(self):
        """The report, once it is found to be valid."""
        report = json.loads((self.folder / "stress.report.json").read_text(encoding="utf-8"))
        self.assertEqual([error.message for error in validator("stress").iter_errors(report)], [])
        return report

    def test_usage(self):
        self.write("s.json", scenario_of([BUFFER]))
        for arguments, words in ((["--random", "s.json"], "name a SCENARIO, or give --random"), ([], "name a SCENARIO"),
                                 (["--random", "--events", "0"], "at least 1"), (["--random", "--live", "2 parsecs"], "number of bytes"),
                                 (["--random", "--strategy", "vmaa"], "vma"), (["--random", "--device", "hostile:nobody"], "heaps-1b"),
                                 (["nothing.json"], "nothing.json")):
            with self.subTest(arguments):
                self.assertIn(words, self.run_program("stress", *arguments, code=2).err)
        self.run_program("stress", "--random", "-o", "missing/r.json", code=1)

    def test_what_holds_is_reported(self):
        arguments = ("--random", "--events", "3000", "--strategy", "null,dedicated", "--device", SIMULATED, "--lanes", "2", "--seed", "9")
        process, report = self.stress(*arguments)
        self.assertEqual((report["status"], report["seed"], report["lanes"], report["devices"]), ("ok", 9, 2, [SIMULATED]))
        self.assertEqual([row["name"] for row in report["strategies"]], ["null", "dedicated"])
        for row in report["strategies"]:
            self.assertGreaterEqual(row["events"], 3000)
            self.assertEqual(row["failed"], 0)
            cells = [str(row[key]) for key in ("name", "trials", "refused", "events", "failed")]
            self.assertIn(cells, [line.split() for line in process.out.splitlines()])
        self.assertEqual(report["findings"], [])
        self.assertIn("valid stress report", self.run_program("validate", "stress.report.json").out)
        again = json.loads(self.run_program("stress", *arguments, "--json", "-o", "-").out)
        self.assertEqual([row["events"] for row in again["strategies"]], [row["events"] for row in report["strategies"]])

    # A fault of VMA that is known fails nothing; it is shrunk and can be repeated all the same.
    def test_a_known_fault_is_shrunk_and_repeated(self):
        process, report = self.stress("--random", "--events", "20000", "--strategy", "vma", "--device", "hostile:granularity-64k",
                                      "--replay", "ordered")
        self.assertEqual([finding["kind"] for finding in report["findings"]], ["granularity"])
        finding = report["findings"][0]
        self.assertIn("known: VMA", process.out)
        self.assertTrue(finding["shrunk"])
        self.assertLess(finding["events"], 20)
        self.assertEqual(len(json.loads((self.folder / finding["file"]).read_text())["workload"]["events"]), finding["events"])
        self.run_program("validate", finding["file"])
        _, repeated = self.stress(*finding["command"].split()[2:])
        self.assertEqual([one["kind"] for one in repeated["findings"]], ["granularity"])

    def test_a_scenario_is_tried_once_each_way(self):
        self.write("s.json", scenario_of([BUFFER]))
        _, report = self.stress("s.json", "--device", "sim:all", "--strategy", "core-default")
        self.assertEqual(report["strategies"][0]["trials"], 2 * len(report["devices"]))
        self.assertEqual(report["scenario"], "s.json")

    def test_time_and_signals_end_it(self):
        begin = time.monotonic()
        self.stress("--random", "--time", "1", "--device", SIMULATED)
        self.assertLess(time.monotonic() - begin, 20)
        process = self.start("stress", "--random", "--device", SIMULATED, "--time", "100")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        report = self.stress_report()
        self.assertEqual(report["status"], "interrupted")

    def test_every_call_of_a_scenario_fails_in_turn(self):
        upload = {"op": "upload", "id": 1, "size": 4096}
        self.write("s.json", scenario_of([BUFFER, upload, FRAME, {"op": "free", "id": 1}, FRAME]))
        process, report = self.stress("s.json", "--faults", "--strategy", "dedicated,core-default", "--replay", "ordered")
        self.assertEqual((report["mode"], report["findings"]), ("faults", []))
        for row in report["strategies"]:
            figures = row["figures"][0]
            reached = figures["faults_reached"]
            self.assertGreater(reached, 30)
            parts = ("request_refused", "operation_failed", "device_lost", "served_otherwise")
            self.assertEqual(sum(figures[part] for part in parts), reached)
            self.assertGreater(min(figures[part] for part in parts), 0)
            self.assertRegex(process.out, rf"{row['name']} .* {figures['calls']} .* {reached}")
        _, few = self.stress("s.json", "--faults", "--max-calls", "1", "--strategy", "core-default", "--replay", "ordered")
        self.assertLess(few["strategies"][0]["figures"][0]["faults_reached"], report["strategies"][1]["figures"][0]["faults_reached"])

    def test_the_smallest_heap_of_a_scenario(self):
        events = [{**BUFFER, "id": i, "size": 1 << 20} for i in range(1, 6)]
        self.write("s.json", scenario_of(events))
        process, report = self.stress("s.json", "--min-heap", "--strategy", "dedicated,core-default", "--device", SIMULATED)
        dedicated, core = [row["figures"][0] for row in report["strategies"]]
        self.assertEqual((dedicated["load_bytes"], dedicated["min_heap_bytes"]), (5 << 20, 5 << 20))
        self.assertEqual(dedicated["over_load_ratio"], 1.0)
        self.assertGreaterEqual(core["min_heap_bytes"], 5 << 20)
        self.assertRegex(process.out, r"dedicated .* 5\.00 MiB .* 5\.00 MiB .* 1\.000")

    def test_usage_of_loops(self):
        self.write("s.json", scenario_of([BUFFER]))
        for arguments, words in ((["--random", "--faults"], "name a SCENARIO"), (["s.json", "--faults", "--min-heap"], "one of them"),
                                 (["s.json", "--max-calls", "3"], "for --faults"), (["s.json", "--faults", "--max-calls", "0"], "at least 1")):
            with self.subTest(arguments):
                self.assertIn(words, self.run_program("stress", *arguments, code=2).err)
