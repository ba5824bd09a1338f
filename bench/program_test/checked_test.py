"""Every shipped scenario under the oracle on every device, and under the validation layer on lavapipe.

The scenarios are made small, and what they promise (`must_fit`, `expect`) is left out: it holds at their own size.
"""
import json

from program import BUFFER, FRAME, SCENARIOS, ProgramTest, metric, scenario_of


class CheckedTest(ProgramTest):
    def run_all(self, scale, *arguments, code=0):
        files = []
        for scenario in SCENARIOS:
            content = json.loads(scenario.read_text())
            files.append(self.write(scenario.name, {**content, "must_fit": [], "expect": []}))
        self.run_program("run", *files, "--set", f"scale={scale}", *arguments, "-o", "out/", "-q", code=code)

    def check(self, report, check):
        vma = tuple(int(part) for part in report["tool"]["libs"]["vma"].split("."))
        for run in report["runs"]:
            self.assertEqual(run["status"], "ok")
            self.assertIn(check, " ".join(run["checks"]["done"]))
            unknown = run["checks"]["violations"]
            if run["strategy"]["name"].startswith("vma") and vma < (3, 4, 0):
                unknown = [violation for violation in unknown if not violation.startswith("granularity")]
            self.assertEqual(unknown, [])
            self.assertEqual(metric(run, "leak.count"), 0)
            if run["strategy"]["name"] != "dedicated":  # whose objects are more than some devices allow
                self.assertEqual(metric(run, "alloc.failed_count"), 0)

    def test_validation(self):
        self.needs_lavapipe()
        if "validation layer installed" not in self.run_program("doctor").out:
            self.skipTest("no validation layer")
        self.run_all(0.02, "--device", "cpu", "--validation")
        for scenario in SCENARIOS:
            with self.subTest(scenario.stem):
                self.check(self.report(f"out/{scenario.name}"), "validation")

    def test_validation_layer_that_is_not_there(self):
        self.needs_lavapipe()
        self.assert_refused("run", "churn", "--device", "cpu", "--validation", "-o", "r.json",
                            environment={"VK_LAYER_PATH": "/nonexistent"},
                            says=["validation", "install"])

    def test_checks_on_lavapipe(self):
        self.needs_lavapipe()
        self.run_all(0.05, "--device", "cpu", "--check")
        for scenario in SCENARIOS:
            with self.subTest(scenario.stem):
                self.check(self.report(f"out/{scenario.name}"), "contents")

    def test_checks_on_each_kind_of_memory(self):
        for device in ("amd-rx-6600", "arm-mali-g7x", "nvidia-h200"):
            # VMA before 3.4 puts buffers and images on one page of a Mali: exit 6, and nothing else may be amiss.
            self.run_all(0.05, "--device", f"sim:{device}", "--check", code=None if device == "arm-mali-g7x" else 0)
            for scenario in SCENARIOS:
                with self.subTest(f"{device} {scenario.stem}"):
                    self.check(self.report(f"out/{scenario.name}"), "contents")

    # Pages of 64 KiB that buffers and images may not share, and images aligned to 1 KiB: VMA before 3.4 puts both on one.
    def test_a_maxwell_finds_what_common_cards_hide(self):
        image = {"op": "image", "id": 4, "format": ["R8G8B8A8_UNORM"], "extent": [1, 1, 1], "usage": ["sampled"], "memory": "device"}
        batch = {"op": "batch", "ids": [1, 2, 3], "sizes": [2048, 65536, 65536], "usage": ["storage_buffer"], "memory": "device"}
        self.write("s.json", {**scenario_of([batch, {"op": "free", "id": 2}, image, FRAME]), "frames_in_flight": 0})
        for strategy in ("core-default", "core-speed", "core-memory", "core-pools", "core-tiers", "core-arenas"):
            with self.subTest(strategy):
                self.run_program("run", "s.json", "--device", "sim:nvidia-quadro-k620", "--strategy", strategy, "--check", "-o", "r.json", "-q")
        vma = tuple(int(part) for part in self.report("r.json")["tool"]["libs"]["vma"].split("."))
        if vma < (3, 4, 0):
            self.run_program("run", "s.json", "--device", "sim:nvidia-quadro-k620", "--strategy", "vma", "--check", "-o", "r.json", "-q",
                             code=6)
            violations = self.report("r.json")["runs"][0]["checks"]["violations"]
            self.assertTrue(violations)
            self.assertTrue(all("granularity" in violation for violation in violations), violations)

    # A buffer that was made for somebody who asked for less is resized by somebody who asked for more.
    def test_an_alignment_outlives_reuse_and_resize(self):
        buffer = {**BUFFER, "usage": ["indirect_buffer"], "memory": "dynamic"}
        sizes = [10, 5974, 1025, 65, 781, 118]
        batch = {key: value for key, value in buffer.items() if key not in ("id", "size")}
        events = [{**batch, "op": "batch", "ids": list(range(1, 7)), "sizes": sizes}, {"op": "free", "id": 6}, FRAME, FRAME,
                  {**buffer, "id": 7, "size": 103, "align": 256}, {"op": "resize", "id": 7, "size": 323}]
        scenario = self.write("s.json", scenario_of(events, frames_in_flight=1))
        self.run_program("run", scenario, "--device", "sim:arm-mali-g7x", "--check", "--strategy", "core-pools", "-o", "r.json", "-q")
        self.check(self.report("r.json"), "placement")

    def test_checks_change_no_exact_metric(self):
        def exact(run):
            return {(row["id"], json.dumps(row.get("scope"))): row["value"] for row in run["metrics"]
                    if row["class"] == "exact" and not row["id"].startswith("check.")}

        for folder, arguments in (("plain", []), ("checked", ["--check"])):
            self.run_all(0.05, "--device", "sim:amd-rx-6600", *arguments)
            (self.folder / "out").rename(self.folder / folder)
        for scenario in SCENARIOS:
            plain, checked = (self.report(f"{folder}/{scenario.name}") for folder in ("plain", "checked"))
            for one, other in zip(plain["runs"], checked["runs"], strict=True):
                with self.subTest(f"{scenario.stem} {one['strategy']['name']}"):
                    self.assertEqual(exact(one), exact(other))
