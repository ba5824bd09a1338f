"""Every shipped scenario with every strategy: the same bytes each time, a valid report, a trace that replays the same."""
import json

from program import PROFILES, SCENARIOS, SIMULATED, ProgramTest, validator

MIB = 1 << 20


class ShippedTest(ProgramTest):
    def test_files_meet_their_schemas(self):
        self.assertGreaterEqual(len(SCENARIOS), 5)
        self.assertGreaterEqual(len(PROFILES), 4)
        for kind, files in (("scenario", SCENARIOS), ("device", PROFILES)):
            judge = validator(kind)
            for file in files:
                with self.subTest(file.name):
                    self.assertEqual([error.message for error in judge.iter_errors(json.loads(file.read_text()))], [])
        self.assertFalse(validator("scenario").is_valid({"schema": "vkmembench.scenario/1"}))

    def test_two_runs_of_the_model_clock_give_the_same_bytes(self):
        known = {row["id"] for row in json.loads(self.run_program("list", "metrics", "--json").out)}
        rows = json.loads(self.run_program("list", "strategies", "--json").out)
        strategies = [row["name"] for row in rows if row["preset"] != "recorded"]  # which is left out of what nobody recorded
        for scenario in SCENARIOS:
            with self.subTest(scenario.stem):
                texts = []
                for name in ("a.json", "b.json"):
                    self.run_program("run", scenario, "--device", SIMULATED, "--clock", "model", "-o", name, "-q")
                    self.assertLessEqual((self.folder / name).stat().st_size, MIB)
                    texts.append((self.folder / name).read_text())
                report = self.report("a.json")
                # The slices of the text, so that the order and form of everything count.
                parts = [self.part(text) for text in texts]
                self.assertGreater(len(parts[0]), len(texts[0]) // 2)
                self.assertTrue(parts[0] == parts[1], self.first_difference(*parts))
                self.assertEqual([run["strategy"]["name"] for run in report["runs"]], strategies)
                ids = {row["id"] for run in report["runs"] for row in run["metrics"]}
                self.assertEqual({name for name in ids if name not in known and name.rpartition(".")[0] not in known}, set())
                for run in report["runs"]:
                    self.assertEqual(run["clock"], "model")
                    names = {row["id"] for row in run["metrics"]}
                    self.assertIn("model.driver_ns", names)
                    self.assertNotIn("time.allocator_ns", names)
                    self.assertFalse([name for name in names if name.startswith(("host.", "process."))])

    @staticmethod
    def part(text):
        """The bytes of `scenario` and `runs`."""
        start = text.index('\n  "scenario":') if '\n  "scenario":' in text else text.index('"scenario":')
        return text[start:text.rindex('"quality":')]

    @staticmethod
    def first_difference(a, b):
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        return f"at {at}: {a[max(0, at - 200):at + 80]!r} against {b[max(0, at - 200):at + 80]!r}"

    def test_a_trace_replays_as_its_scenario(self):
        for scenario in SCENARIOS:
            with self.subTest(scenario.stem):
                common = ["--device", SIMULATED, "--strategy", "vma", "--clock", "model", "-q"]
                self.run_program("run", scenario, "--set", "scale=0.1", *common, "-o", "recipe.json")
                recipe = self.report("recipe.json")
                for name in ("t.jsonl", "t.jsonl.zst"):
                    self.run_program("expand", scenario, "--set", "scale=0.1", "-o", name)
                    self.run_program("run", name, *common, "-o", "trace.json")
                    trace = self.report("trace.json")
                    self.assertEqual(trace["scenario"]["trace_hash"], recipe["scenario"]["trace_hash"])
                    self.assertEqual(trace["runs"], recipe["runs"])
                self.assertLess((self.folder / "t.jsonl.zst").stat().st_size, (self.folder / "t.jsonl").stat().st_size / 2)

    def test_expand_to_stdout_is_the_trace(self):
        out = self.run_program("expand", "churn", "--set", "scale=0.02", "-o", "-").out
        self.run_program("expand", "churn", "--set", "scale=0.02", "-o", "t.jsonl")
        self.assertEqual(out, (self.folder / "t.jsonl").read_text())
        self.assertTrue(all(isinstance(json.loads(line), dict) for line in out.splitlines()))

    # Both bounds of --frames, and the seed, make another trace.
    def test_what_enters_the_trace_hash(self):
        hashes = []
        for arguments in ([], ["--seed", "8"], ["--frames", "0-9"], ["--frames", "1-9"], ["--frames", "0-8"],
                          ["--set", "frames=100"], []):
            self.run_program("run", "terrain_lod", "--set", "scale=0.05", *arguments, "--strategy", "null", "--device",
                             SIMULATED, "-o", "r.json", "-q")
            hashes.append(self.report("r.json")["scenario"]["trace_hash"])
        self.assertEqual(hashes[0], hashes[-1])
        self.assertEqual(len(set(hashes)), 6)
