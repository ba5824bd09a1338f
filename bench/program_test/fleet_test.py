"""Plans, shards and what comes of them: `plan`, `run --plan`."""
import json
import os
import shlex
import stat
import subprocess

from program import SOURCE, ProgramTest, posix, posix_only, validator

SMALL = {"scale": 0.02}


def matrix_of(**keys):
    return {"schema": "vkmembench.matrix/1", "scenarios": [{"scenario": "churn", "set": SMALL}], "strategies": ["vma"],
            "devices": ["sim:amd-rx-6600"], **keys}


class Planning(ProgramTest):
    """What all tests of fleets share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.validators = {kind: validator(kind) for kind in ("matrix", "plan")}

    def plan(self, matrix, *arguments, folder="plan", code=0, valid=True):
        """Plans the matrix; what --json prints, or with another code the process."""
        if valid:
            self.assertEqual([error.message for error in self.validators["matrix"].iter_errors(matrix)], [])
        process = self.run_program("plan", self.write("m.json", matrix), "-o", folder, "--json", *arguments, code=code)
        return json.loads(process.out) if code == 0 else process

    def cells(self, folder="plan"):
        plan = json.loads((self.folder / folder / "plan.json").read_text(encoding="utf-8"))
        self.assertEqual([error.message for error in self.validators["plan"].iter_errors(plan)], [])
        return plan["cells"]

    def reports(self, folder="plan"):
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((self.folder / folder / "reports").glob("*.json"))}


class FleetTest(Planning):
    def test_a_matrix_is_each_with_each(self):
        told = self.plan(matrix_of(
            scenarios=[{"scenario": "churn", "set": {"scale": [0.02, 0.04]}, "seeds": {"from": 1, "to": 3, "step": 1}}, "bimodal"],
            strategies=["dedicated", {"strategy": "core-default", "parameters": {
                "min_block_bytes": {"from": "1 MiB", "to": "4 MiB", "factor": 2}, "placement": ["best_fit", "good_fit"]}}],
            devices="sim:all", repeats=2))
        cells = self.cells()
        devices = len(list((SOURCE / "scenarios" / "devices").glob("*.json")))
        self.assertEqual(len(cells), (2 * 3 + 1) * (1 + 3 * 2) * devices * 2)
        self.assertEqual(told["cells"], len(cells))
        self.assertEqual(told["missing"], len(cells))
        self.assertEqual([cell["number"] for cell in cells], list(range(1, len(cells) + 1)))
        self.assertEqual(len({cell["name"] for cell in cells}), len(cells))
        self.assertIn("core-default{min_block_bytes=2097152,placement=best_fit}", {cell["strategy"] for cell in cells})
        self.assertEqual({cell.get("seed") for cell in cells}, {None, 1, 2, 3})
        self.assertAlmostEqual(told["seconds"], sum(cell["seconds"] for cell in cells), delta=0.01 * len(cells))
        self.assertGreater(min(cell["seconds"] for cell in cells), 0)

    def test_validate_knows_matrices_and_plans(self):
        self.plan(matrix_of(strategies=["vma", "dedicated"]))
        process = self.run_program("validate", "m.json", "plan/plan.json")
        self.assertIn("m.json: valid matrix, 2 cells", process.out)
        self.assertIn("plan.json: valid plan, 2 cells", process.out)

    def test_the_example_of_the_readme(self):
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        example = json.loads(readme.partition("## Thousands of runs")[2].partition('    { "schema"')[2].partition("\n\n")[0].join(['{ "schema"', ""]))
        told = self.plan(example)
        self.assertEqual(told["cells"], (1 + 2 * 5) * (1 + 2 * 7) * (len(list((SOURCE / "scenarios" / "devices").glob("*.json"))) + 2) * 3)
        classes = json.loads((self.folder / "plan" / "plan.json").read_text(encoding="utf-8"))["classes"]
        self.assertEqual(classes, [{}, {"gres": "gpu:h100:1"}, {"constraint": "mali", "runs_on": "phone"}])

    def test_the_same_plan_again_changes_nothing_and_another_is_refused(self):
        self.plan(matrix_of())
        before = self.files()
        self.plan(matrix_of(comment="the same"))
        self.assertEqual({**self.files(), "m.json": None}, {**before, "m.json": None})
        self.assertEqual(self.plan(matrix_of(), "--shards", "7")["shards"], 7)
        process = self.plan(matrix_of(strategies=["vma", "dedicated"]), code=2)
        self.assert_one_line(process.err, "plan", "another plan, of 1 cells", "; ")
        self.write("full/notes.txt", "mine")
        process = self.plan(matrix_of(), folder="full", code=2)
        self.assert_one_line(process.err, "full", "other files", "; ")

    def test_shards_cover_every_cell_once_and_finished_reports_stay(self):
        self.plan(matrix_of(strategies=["vma", "dedicated", "core-default"], repeats=3))
        for shard in range(1, 5):
            self.run_program("run", "--plan", "plan", "--shard", f"{shard}/4", "-q")
        reports = self.reports()
        self.assertEqual(set(reports), {cell["name"] for cell in self.cells()})
        for cell in self.cells():
            report = self.check_report(reports[cell["name"]])
            self.assertEqual([run["strategy"]["name"] for run in report["runs"]], [cell["strategy"]])
        self.assertFalse(list((self.folder / "plan" / "attempts").glob("*")))
        before = {path: path.stat() for path in (self.folder / "plan" / "reports").iterdir()}
        self.run_program("run", "--plan", "plan")
        self.run_program("--color", "never", "run", "--plan", "plan", "-q", "--shard=1/1")
        self.assertEqual({path: path.stat() for path in (self.folder / "plan" / "reports").iterdir()}, before)
        self.assert_no_leftovers()

    def test_shards_are_of_about_equal_length(self):
        self.plan(matrix_of(scenarios=[{"scenario": "churn", "set": {"scale": [0.02, 0.02001, 0.02002, 0.02003]}}, "terrain_lod", "scene_loading"],
                            strategies=["vma", "dedicated", "core-default", "null"], shard_seconds=0.5))
        told = json.loads(self.run_program("plan", "--resume", "plan", "--json").out)
        seconds = {cell["name"]: cell["seconds"] for cell in self.cells()}
        shards = told["shards"]
        self.assertGreater(shards, 1)
        # No shard is longer than a fair part and one more cell.
        bound = sum(seconds.values()) / shards + max(seconds.values())
        for shard in range(1, shards + 1):
            self.run_program("run", "--plan", "plan", "--shard", f"{shard}/{shards}", "-q")
            done = {path.stem for path in (self.folder / "plan" / "reports").iterdir()}
            self.assertLessEqual(sum(seconds[name] for name in done), bound)
            for name in done:
                seconds[name] = 0

    def test_paths_are_relative_to_the_matrix_and_survive_a_move(self):
        self.write("in/mine.json", (SOURCE / "scenarios" / "off_by_a_bit.json").read_text(encoding="utf-8"))
        self.write("in/tight.json", {"preset": "core-default", "name": "tight", "parameters": {"min_block_bytes": 262144}})
        self.write("in/device.json", (SOURCE / "scenarios" / "devices" / "arm-mali-g7x.json").read_text(encoding="utf-8"))
        self.write("in/m.json", matrix_of(scenarios="mine.json", strategies="tight.json", devices="sim:device.json"))
        self.run_program("plan", "in/m.json", "-o", "in/plan")
        (self.folder / "in").rename(self.folder / "moved")
        self.run_program("run", "--plan", "moved/plan", "-q")
        (report,) = self.reports("moved/plan").values()
        self.assertEqual(report["runs"][0]["strategy"]["name"], "tight")
        self.assertIn("Mali", report["device"]["name"])

    def test_the_environment_names_the_shard(self):
        self.plan(matrix_of(strategies=["vma", "dedicated", "core-default", "null"]))
        for environment in ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "2", "SLURM_ARRAY_TASK_COUNT": "3"},
                            {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}):
            self.run_program("run", "--plan", "plan", environment=environment)
        self.assertLess(len(self.reports()), 4)
        self.run_program("run", "--plan", "plan", "--shard", "3/3", environment={"CI_NODE_INDEX": "9", "CI_NODE_TOTAL": "1"})
        self.assertEqual(len(self.reports()), 4)
        gaps = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "7", "SLURM_ARRAY_TASK_COUNT": "2"}
        self.assert_refused("run", "--plan", "plan", environment=gaps, says=["SLURM_ARRAY_TASK_ID=7", "gaps", "--shard"])
        self.assert_refused("run", "--plan", "plan", environment={"CI_NODE_INDEX": "4", "CI_NODE_TOTAL": "3"}, says=["CI_NODE_INDEX=4", "--shard"])

    def test_a_cell_that_fails_leaves_the_rest_and_is_given_up_at_last(self):
        self.plan(matrix_of(devices=["name:*no such GPU*", "sim:amd-rx-6600"]))
        for left in ("77", "77", "77"):
            process = self.run_program("run", "--plan", "plan", code=int(left))
            self.assertIn("no such GPU", process.err)
        self.assertEqual(list(self.reports()), [self.cells()[1]["name"]])
        told = json.loads(self.run_program("plan", "--resume", "plan", "--json").out)
        self.assertEqual((told["missing"], told["given_up"]), (0, 1))
        process = self.run_program("run", "--plan", "plan")
        self.assertIn("1 given up after 3 attempts", process.err)
        told = self.run_program("plan", "--resume", "plan")
        self.assertIn("exit 77", told.err)
        told = json.loads(self.run_program("plan", "--resume", "plan", "--again", "--json").out)
        self.assertEqual((told["missing"], told["given_up"]), (1, 0))

    def test_a_killed_run_leaves_no_report_and_is_counted(self):
        self.plan(matrix_of(scenarios=[{"scenario": "churn", "set": {"scale": 4}}], strategies="dedicated"))
        attempts = self.folder / "plan" / "attempts"
        process = self.start("run", "--plan", "plan", start_new_session=True)
        try:
            while not list(attempts.glob("*.json")):
                self.assertIsNone(process.poll())
        finally:
            os.killpg(process.pid, 9)
            process.communicate(timeout=60)
        self.assertEqual(self.reports(), {})
        (attempt,) = attempts.iterdir()
        self.assertEqual(json.loads(attempt.read_text())["attempts"], 1)
        self.assertIn("did not end", attempt.read_text())

    def test_an_interrupted_run_counts_for_nothing(self):
        self.plan(matrix_of(scenarios=[{"scenario": "churn", "set": {"scale": 4}}], strategies="dedicated"))
        name = self.cells()[0]["name"]
        process = self.interrupt("run", "--plan", "plan", wait_for=f"plan/attempts/{name}.json")
        self.assertEqual(process.returncode, 130, process.err)
        self.assertEqual((self.reports(), list((self.folder / "plan" / "attempts").iterdir())), ({}, []))

    def test_options_of_runs(self):
        run = {"clock": "wall", "repeat": 2, "replay": "concurrent", "check": True, "host_tracking": True, "budget": "driver", "snapshots": False, "series": 4}
        self.plan(matrix_of(run=run))
        self.run_program("run", "--plan", "plan", "-q")
        (report,) = self.reports().values()
        (made,) = report["runs"]
        self.assertEqual((made["clock"], made["replay"], made["rounds"], made["snapshots"]), ("wall", "concurrent", 2, []))
        self.assertLessEqual(len(made["series"]["frame"]), 4)
        self.assertIn("checked", {warning["code"] for warning in report["quality"]["warnings"]})

    def test_what_a_run_has_to_tell_is_no_failure(self):
        scenario = json.loads((SOURCE / "scenarios" / "churn.json").read_text(encoding="utf-8"))
        scenario["expect"] = [{"metric": "mem.reserved_peak_bytes", "max": 1}]
        self.write("strict.json", scenario)
        self.plan(matrix_of(scenarios={"scenario": "strict.json", "set": SMALL}))
        process = self.run_program("run", "--plan", "plan")
        self.assertIn("exit 3", process.err)
        self.assertEqual(len(self.reports()), 1)

    def test_emissions(self):
        matrix = matrix_of(strategies=["vma", "dedicated", "core-default"], repeats=400, shard_seconds=0.001,
                           devices=["sim:amd-rx-6600", {"device": "sim:arm-mali-g7x", "constraint": "mali", "gres": "gpu:mali:1", "runs_on": "phone"}])
        told = self.plan(matrix, "--emit", "slurm")
        text = (self.folder / posix(told["emitted"])).read_text()
        arrays = [shlex.split(line) for line in text.splitlines() if line.startswith("array ")]
        self.assertEqual(told["shards"], 2400)  # a cell each: they are longer than what is asked for
        self.assertEqual(sum(1 + int(part.rpartition("-")[2]) - int(part.partition("-")[0]) for array in arrays for part in array[1].split(",")), 2400)
        self.assertTrue(all(int(part.rpartition("-")[2]) <= 1000 for array in arrays for part in array[1].split(",")))
        self.assertIn(["--constraint=mali", "--gres=gpu:mali:1"], [array[3:] for array in arrays])
        self.assertIn([], [array[3:] for array in arrays])
        github = json.loads(self.run_program("plan", "--resume", "plan", "--emit", "github-matrix", "--json").out)
        self.assertEqual(github["shards"], 256)
        text = (self.folder / posix(github["emitted"])).read_text()
        self.assertEqual((text.count("{ shard: "), text.count("runs_on: \"phone\"") > 0), (256, True))
        for script in ("submit.sh",):
            subprocess.run(["sh", "-n", self.folder / "plan" / script], check=True, timeout=60)

    @posix_only
    def test_make_runs_a_plan_in_a_folder_of_any_name(self):
        folder = "a plan's $(folder)"
        self.plan(matrix_of(strategies=["vma", "dedicated", "core-default"]), "--shards", "3", "--emit", "make", folder=folder)
        subprocess.run(["make", "-f", self.folder / folder / "Makefile", "-j2", "-s"], check=True, timeout=120, capture_output=True)
        self.assertEqual(len(self.reports(folder)), 3)
        self.assertTrue((self.folder / folder / "results" / "index.jsonl").exists())
        self.assertIn('class="store"', (self.folder / folder / "results.html").read_text(encoding="utf-8"))

    def test_resume_emits_only_what_is_missing(self):
        self.plan(matrix_of(strategies=["vma", "dedicated", "core-default", "null"]), "--shards", "4")
        self.run_program("run", "--plan", "plan", "--shard", "2/4", "-q")
        self.run_program("run", "--plan", "plan", "--shard", "4/4", "-q")
        told = json.loads(self.run_program("plan", "--resume", "plan", "--emit", "make", "--json").out)
        self.assertEqual((told["missing"], told["shards_to_run"]), (2, [1, 3]))
        self.assertIn("SHARDS := 1 3\n", (self.folder / "plan" / "Makefile").read_text())

    def test_a_folder_that_cannot_be_written(self):
        self.plan(matrix_of())
        if os.geteuid() == 0:
            self.skipTest("root writes everywhere")
        (self.folder / "plan").chmod(stat.S_IRUSR | stat.S_IXUSR)
        process = self.run_program("run", "--plan", "plan", code=1)
        self.assert_one_line(process.err, "plan")


class BadMatrixTest(Planning):
    """Each is refused in one line, and nothing is written."""

    def test_all(self):
        for name, keys, says in (
                ("no cell", {"strategies": []}, ["/strategies", "no cell"]),
                ("no values", {"scenarios": {"scenario": "churn", "set": {"scale": []}}}, ["/scenarios/set/scale", "no cell"]),
                ("only what does nothing", {"strategies": "recorded"}, ["recorded"]),
                ("unknown scenario", {"scenarios": "churm"}, ["m.json:", "/scenarios", "did you mean 'churn'"]),
                ("unknown strategy", {"strategies": ["vma", "vmma"]}, ["/strategies/1", "did you mean 'vma'"]),
                ("unknown parameter", {"strategies": {"strategy": "core-default", "parameters": {"min_blok_bytes": 1}}},
                 ["min_blok_bytes", "did you mean 'min_block_bytes'"]),
                ("parameter out of bounds", {"strategies": {"strategy": "core-default", "parameters": {"arenas": [1, 100000]}}}, ["arenas", "100000"]),
                ("unknown setting", {"scenarios": {"scenario": "churn", "set": {"scael": 1}}}, ["/scenarios/set/scael", "did you mean 'scale'"]),
                ("unknown device", {"devices": "sim:amd-rx-6660"}, ["/devices", "did you mean 'amd-rx-6600'"]),
                ("no selector", {"devices": ["gpu"]}, ["/devices/0", "no device selector"]),
                ("strategy twice", {"strategies": ["vma", "all"]}, ["'vma' is there already", "repeats"]),
                ("scenario twice", {"scenarios": ["churn", "churn"]}, ["'churn' is there already", "repeats"]),
                ("device twice", {"devices": ["sim:all", "sim:amd-rx-6600"]}, ["is there already"]),
                ("endless range", {"scenarios": {"scenario": "churn", "seeds": {"from": 1, "to": 2, "step": 0}}}, ["/seeds/step", "would not end"]),
                ("range of nothing", {"scenarios": {"scenario": "churn", "seeds": {"from": 3, "to": 2, "step": 1}}}, ["/seeds", "empty"]),
                ("negative seed", {"scenarios": {"scenario": "churn", "seeds": [-1]}}, ["'-1' is no seed"]),
                ("unknown key", {"repeat": 3}, ["'repeat'", "did you mean 'repeats'"]),
                ("unknown option", {"run": {"clok": "model"}}, ["'clok'", "did you mean 'clock'"]),
                ("unknown clock", {"run": {"clock": "sun"}}, ["/run/clock", "'sun'", "model"]),
                ("a counter that counts nothing", {"run": {"clock": "model", "counter": "hardware"}}, ["/run", "clock", "instructions"]),
                ("counts beside checks", {"run": {"clock": "instructions", "check": True}}, ["/run", "--check"]),
                ("counts in rounds", {"run": {"clock": "instructions", "repeat": 3}}, ["/run", "--repeat"]),
                ("model clock and lanes at once", {"run": {"clock": "model", "replay": "concurrent"}}, ["/run", "concurrent"]),
                ("constraint for a shell", {"devices": {"device": "sim:all", "constraint": "a; rm -rf x"}}, ["/devices/constraint", "letters, digits"]),
                ("another version", {"schema": "vkmembench.matrix/2"}, ["another version"]),
                ("a scenario", {"schema": "vkmembench.scenario/1"}, ["is a scenario, not a matrix"])):
            with self.subTest(name):
                self.write("m.json", matrix_of(**keys))
                self.assert_refused("plan", "m.json", "-o", "plan", says=says)
        self.write("m.json", matrix_of())
        for name, typed, says in (
                ("no plan", ["run", "--plan", "."], ["holds no plan", "vkmembench plan"]),
                ("no folder", ["plan", "m.json"], ["-o PLAN"]),
                ("nothing to plan", ["plan", "-o", "plan"], ["MATRIX", "--resume"]),
                ("no shards", ["plan", "m.json", "-o", "plan", "--shards", "0"], ["--shards 0"]),
                ("unknown engine", ["plan", "m.json", "-o", "plan", "--emit", "slrm"], ["did you mean 'slurm'"]),
                ("shard without a plan", ["run", "churn", "--shard", "1/2"], ["--plan"])):
            with self.subTest(name):
                self.assert_refused(*typed, says=says)
        self.run_program("plan", "m.json", "-o", "plan", "-q")
        for shard in ("0/2", "3/2", "1", "/", "a/b", "1/0", "-1/2", "1/2/3"):
            with self.subTest(shard):
                self.assert_refused("run", "--plan", "plan", f"--shard={shard}", says=["--shard", shard, "3/12"])
        self.assert_refused("run", "churn", "--plan", "plan", says=["'churn' does not go with --plan"])
        self.assert_refused("run", "--plan", "plan", "--strategy", "vma", says=["'--strategy' does not go with --plan"])
        text = (self.folder / "plan" / "plan.json").read_text()
        self.write("plan/plan.json", text.replace('"strategy":"vma"', '"strategy":"null"'))
        self.assert_refused("run", "--plan", "plan", says=["plan.json", "was changed"])
