"""Stores of reports: `merge`, and what is in them."""
import hashlib
import json
import os
import resource
import subprocess

from fleet_test import Planning, matrix_of
from program import posix_only, validator

LINES = ("vma", "dedicated", "core-default")


class Merging(Planning):
    """What tests of stores share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store_validator = validator("store")

    def run_plan(self, matrix=None, folder="plan"):
        self.plan(matrix or matrix_of(strategies=list(LINES)), folder=folder)
        self.run_program("run", "--plan", folder, "-q")

    def store(self, folder="store"):
        """Head and cells of the index, once each line is found to be valid and its report to be there, whole and by its hash."""
        lines = [json.loads(line) for line in (self.folder / folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
        for line in lines:
            self.assertEqual([error.message[:200] for error in self.store_validator.iter_errors(line)], [])
        for cell in lines[1:]:
            report = self.check_report(self.stored(folder, cell["report"]))
            said = json.dumps({key: report[key] for key in ("scenario", "runs")}, separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(hashlib.sha256(said.encode()).hexdigest(), cell["report"])
        return lines[0], lines[1:]

    def stored(self, folder, name):
        packed = self.folder / folder / "reports" / name[:2] / f"{name}.json.zst"
        return json.loads(subprocess.run(["zstdcat", packed], check=True, capture_output=True, timeout=60).stdout)


class MergeTest(Merging):
    def test_a_store_is_the_reports_of_the_cells(self):
        self.run_plan(matrix_of(strategies=list(LINES), repeats=2, devices=["sim:amd-rx-6600", "sim:arm-mali-g7x"]))
        told = json.loads(self.run_program("merge", "plan", "-o", "store", "--json").out)
        self.assertEqual((told["cells"], told["merged"], told["missing"]), (12, 12, []))
        head, cells = self.store()
        reports = self.reports()
        self.assertEqual([cell["name"] for cell in cells], list(reports))
        for cell in cells:
            report = reports[cell["name"]]
            (run,) = report["runs"]
            self.assertEqual({**report, "created_utc": "", "invocation": {}, "host": {}},
                             {**self.stored("store", cell["report"]), "created_utc": "", "invocation": {}, "host": {}})
            self.assertEqual((cell["strategy"], cell["scenario"], cell["set"]), (run["strategy"], report["scenario"], {"scale": "0.02"}))
            self.assertEqual(head["devices"][cell["device"]]["name"], report["device"]["name"])
            self.assertEqual(head["tool"], report["tool"])
            totals = {metric.pop("id"): metric for metric in run["metrics"] if "scope" not in metric}
            full = {name: {"n": 0, **head["metrics"][name], **(value if isinstance(value, dict) else {"value": value})}
                    for name, value in cell["metrics"].items()}
            self.assertEqual(full, totals)
        self.assertEqual(len({cell["report"] for cell in cells}), 6)  # repeats under the model clock are the same report
        self.assertEqual(len(list((self.folder / "store" / "reports").rglob("*.zst"))), 6)

    def test_any_order_of_runs_gives_the_same_store(self):
        self.plan(matrix_of(strategies=list(LINES)))
        for shard in (3, 1, 2):
            self.run_program("run", "--plan", "plan", "--shard", f"{shard}/3", "-q")
        self.run_program("merge", "plan", "-o", "store", "-q")
        (self.folder / "plan").rename(self.folder / "before")
        self.run_plan()
        self.run_program("merge", "plan", "-o", "again", "-q")
        before, after = ({str(path.relative_to(self.folder / store)) for path in (self.folder / store).rglob("*")} for store in ("store", "again"))
        self.assertEqual(before, after)
        self.assertEqual((self.folder / "store" / "index.jsonl").read_bytes(), (self.folder / "again" / "index.jsonl").read_bytes())
        for (_, cells) in (self.store("store"), self.store("again")):
            self.assertEqual(len(cells), 3)

    def test_what_is_missing_is_told_and_the_rest_is_merged(self):
        self.plan(matrix_of(strategies=list(LINES), devices=["sim:amd-rx-6600", "name:*no such GPU*"]))
        self.run_program("run", "--plan", "plan", "-q", code=77)
        first = next(iter(self.reports()))
        (self.folder / "plan" / "reports" / f"{first}.json").unlink()
        process = self.run_program("merge", "plan", "-o", "store", code=5)
        self.assertIn("4 of 6 cells are missing", process.err)
        self.assertIn(f"missing: {first}: never run", process.err)
        self.assertIn("exit 77: no Vulkan device", process.err)
        head, cells = self.store()
        self.assertEqual((head["cells"], len(head["missing"]), len(cells)), (6, 4, 2))
        self.run_program("run", "--plan", "plan", "-q", code=77)
        self.run_program("merge", "plan", "-o", "store", code=5)
        head, cells = self.store()
        self.assertEqual((len(head["missing"]), len(cells)), (3, 3))

    def test_what_a_run_had_to_tell_is_in_the_store(self):
        self.run_plan()
        self.write(f"plan/attempts/{next(iter(self.reports()))}.json", {"attempts": 1, "exit": 3, "line": "1 expectation is not met"})
        process = self.run_program("merge", "plan", "-o", "store")
        self.assertIn("exit 3: 1 expectation", process.err)
        self.assertEqual([cell.get("exit") for cell in self.store()[1]], [3, None, None])

    def edit(self, name, change):
        path = self.folder / "plan" / "reports" / f"{name}.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        change(report)
        path.write_text(json.dumps(report), encoding="utf-8")

    def test_what_cannot_be_compared_is_refused_by_name(self):
        def set_tool(report):
            report["tool"]["git_sha"] = "0123456789ab"

        def set_counted(report):
            report["tool"]["counted"] = {"target": "riscv64"}

        def set_trace(report):
            report["scenario"]["trace_hash"] = "0123456789abcdef"

        def set_answers(report):
            report["device"]["requirements_hash"] = "0123456789abcdef"

        def set_driver(report):
            report["device"]["driver"]["info"] = "Mesa 99"

        for name, change, says in (("tool", set_tool, ["the tools differ", "git 0123456789ab"]), ("trace", set_trace, ["traces"]),
                                   ("counted", set_counted, ["tool.counted", "riscv64"]),
                                   ("answers", set_answers, ["answers"]), ("driver", set_driver, ["devices", "Mesa 99"])):
            with self.subTest(name):
                self.run_plan(folder="plan")
                names = list(self.reports())
                self.edit(names[2], change)
                self.assert_refused("merge", "plan", "-o", "store", code=5, says=[names[0], names[2], "; ", *says])
                (self.folder / "plan" / "reports" / f"{names[2]}.json").unlink()
                self.run_program("run", "--plan", "plan", "-q")
                self.run_program("merge", "plan", "-o", f"store-{name}", "-q")

    def test_reports_that_are_none(self):
        self.run_plan()
        names = list(self.reports())
        path = self.folder / "plan" / "reports" / f"{names[1]}.json"
        whole = path.read_bytes()
        for content in (whole[: len(whole) // 2], b"", (self.folder / "plan" / "reports" / f"{names[0]}.json").read_bytes(),
                        whole.replace(b'"status": "ok"', b'"status": "incomplete"'), whole.replace(b'"quality"', b'"qualities"'),
                        whole.replace(b'"rounds"', b'"turns"')):
            path.write_bytes(content)
            self.assert_refused("merge", "plan", "-o", "store", says=[names[1], "; "] if content else [names[1]])
        path.write_bytes(whole)
        self.run_program("merge", "plan", "-o", "store", "-q")

    def test_stores_of_others(self):
        self.run_plan()
        self.run_program("merge", "plan", "-o", "store", "-q")
        self.run_plan(matrix_of(), folder="other")
        self.assert_refused("merge", "other", "-o", "store", says=["store", "another plan", "; "])
        self.write("mine/notes.txt", "mine")
        self.assert_refused("merge", "plan", "-o", "mine", says=["mine", "other files", "; "])
        self.assert_refused("merge", "plan", "-o", "plan", says=["plan", "other files", "; "])
        index = self.folder / "store" / "index.jsonl"
        sha = json.loads(index.read_text().splitlines()[0])["tool"]["git_sha"]
        index.write_text(index.read_text().replace(f'"git_sha":"{sha}"', '"git_sha":"0123456789ab"'))
        self.assert_refused("merge", "plan", "-o", "store", says=["store made by", "git 0123456789ab", f"git {sha}", "; "])
        whole = index.read_text()
        for part in ('"plan":', '"git_sha":'):
            index.write_text(whole.replace(part, '"x":', 1))
            self.assert_refused("merge", "plan", "-o", "store", says=["index.jsonl:1", "merge the plan again"])
        index.write_text(whole.replace("vkmembench.store/1", "vkmembench.store/2"))
        self.assert_refused("merge", "plan", "-o", "store", says=["index.jsonl:1", "another version"])

    def test_nothing_has_run(self):
        self.plan(matrix_of())
        self.assert_refused("merge", "plan", "-o", "store", code=5, says=["none of its 1 cells", "never run", "run --plan"])

    @posix_only
    def test_a_full_disk_tears_nothing(self):
        self.run_plan()
        self.run_program("merge", "plan", "-o", "store", "-q")
        for store in ("store", "new"):
            if store == "store":
                name = self.store()[1][1]["report"]
                (self.folder / "store" / "reports" / name[:2] / f"{name}.json.zst").unlink()
            limit = 2_000  # less than any report, as a disk with that much left
            self.assert_refused("merge", "plan", "-o", store, code=1, says=[store, "; "],
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.run_program("merge", "plan", "-o", "store", "-q")
        self.store()

    @posix_only
    def test_a_disk_that_is_really_full(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True, timeout=60).returncode:
            self.skipTest("needs to mount a small disk")
        self.addCleanup(subprocess.run, ["umount", disk], check=True, timeout=60)
        self.run_plan()
        self.assert_refused("merge", "plan", "-o", "disk/store", code=1, says=["disk/store", "space", "; "])


class StorePageTest(Merging):
    def merged(self, folder="store"):
        self.run_plan()
        self.run_program("merge", "plan", "-o", folder, "-q")
        return next(iter(self.store(folder)[1]))["report"]

    def test_a_report_of_a_store_is_one(self):
        name = self.merged()
        path = f"store/reports/{name[:2]}/{name}.json.zst"
        self.assertIn("churn", self.run_program("report", path).out)
        self.run_program("report", path, "-o", "r.md")
        packed = (self.folder / path).read_bytes()
        for bad in (packed[:-8], b"{}", b""):
            self.write(path, bad)
            self.assert_refused("report", path, says=[path])

    def test_a_store_is_shown_as_a_page(self):
        self.merged("history/01")
        self.run_program("report", "history/01", "-o", "one.html")
        page = (self.folder / "one.html").read_text(encoding="utf-8")
        self.assertEqual(page.count('class="store"'), 1)
        self.assertIn("mem.reserved_peak_bytes", page)
        self.run_program("merge", "plan", "-o", "history/02", "-q")
        self.run_program("report", "history", "-o", "two.html")
        self.assertEqual((self.folder / "two.html").read_text(encoding="utf-8").count('class="store"'), 2)

    def test_stores_that_cannot_be_shown(self):
        self.merged()
        report = next(iter(self.reports()))
        self.assert_refused("report", "store", says=["-o FILE.html"])
        self.assert_refused("report", "store", "-o", "r.md", says=["-o FILE.html"])
        self.assert_refused("report", "store", f"plan/reports/{report}.json", "-o", "r.html", says=["is no store", "apart"])
        index = self.folder / "store" / "index.jsonl"
        whole = index.read_text(encoding="utf-8")
        for bad, says in ((whole.replace("store/1", "store/9", 1), "another version"), (whole[:100], "index.jsonl:1"), (whole[:-100], "index.jsonl:4")):
            index.write_text(bad, encoding="utf-8")
            self.assert_refused("report", "store", "-o", "r.html", says=[says, "; "])
