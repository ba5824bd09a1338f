"""`vkmembench report`: tables, the HTML page, and what it refuses."""
import json
import re

from program import ON_POSIX, SIMULATED, SOURCE, ProgramTest

SAMPLES = sorted((SOURCE / "reports" / "samples").glob("*.json"))


class ReportTest(ProgramTest):
    def page(self, name="page.html"):
        return (self.folder / name).read_text(encoding="utf-8")

    def reports_in(self, page):
        found = re.findall(r'<script type="application/json" class="report" data-file="([^"]*)">([^<]*)</script>', page)
        return [(name, json.loads(text)) for name, text in found]

    def test_the_table_is_that_of_the_run(self):
        ran = self.run_program("run", "churn", "--set", "scale=0.05", "--device", SIMULATED, "-o", "r.json")
        self.assertEqual(self.run_program("report", "r.json").out, ran.out)
        both = self.run_program("report", "r.json", SAMPLES[0]).out
        self.assertTrue(both.startswith(ran.out))
        self.assertEqual(self.run_program("report", "r.json", "--json").out, (self.folder / "r.json").read_text())

    def test_the_page_holds_the_reports(self):
        self.run_program("report", *SAMPLES, "-o", "page.html")
        found = self.reports_in(self.page())
        self.assertEqual([name for name, _ in found], [str(sample) for sample in SAMPLES])
        for sample, (_, report) in zip(SAMPLES, found):
            self.assertEqual(report, json.loads(sample.read_text()))
        stdout = self.run_program("report", *SAMPLES, "--format", "html", "-o", "-").out
        self.assertEqual(stdout, self.page())
        self.run_program("report", SAMPLES[0], "--format", "html", "-o", "page")
        self.assertLess(len(self.page("page")), 2_000_000)

    def test_names_are_no_markup(self):
        report = json.loads(SAMPLES[0].read_text())
        report["scenario"]["name"] = "</script><script>alert(1)</script>\u2028"
        name, shown = ("r<&\".json", "r&lt;&amp;&quot;.json") if ON_POSIX else ("r&.json", "r&amp;.json")  # Windows has none such
        self.write(name, json.dumps(report, ensure_ascii=False))
        self.run_program("report", name, "-o", "page.html")
        self.assertNotIn("<script>alert", self.page())
        self.assertNotIn("\u2028", self.page())
        self.assertEqual(self.reports_in(self.page()), [(shown, report)])

    def test_bad_reports(self):
        whole = SAMPLES[0].read_text()
        (self.folder / "folder.json").mkdir()
        good = json.loads(whole)
        for name, content, says in (("missing.json", None, "no such file"), ("folder.json", None, "is a folder"),
                                    ("empty.json", "", "is empty"), ("cut.json", whole[: len(whole) // 2], "cut short"),
                                    ("array.json", "[]", "/schema"), ("binary.json", b"\x00\xff", "no JSON"),
                                    ("newer.json", {**good, "schema": "vkmembench.report/2"}, "vkmembench.report/1"),
                                    ("scenario.json", {"schema": "vkmembench.scenario/1"}, "is a scenario, not a report"),
                                    ("damaged.json", {**good, "runs": 7}, "damaged"), ("deep.json", "[" * 100_000, "nested deeper")):
            with self.subTest(name):
                if content is not None:
                    self.write(name, content)
                for output in ([], ["-o", "page.html"]):
                    self.assert_refused("report", SAMPLES[0], name, *output, says=[name, says])

    def test_a_byte_order_mark_is_no_part_of_a_report(self):
        self.write("bom.json", b"\xef\xbb\xbf" + SAMPLES[0].read_bytes())
        self.run_program("report", "bom.json", "-o", "page.html")
        self.assertEqual(self.reports_in(self.page()), [("bom.json", json.loads(SAMPLES[0].read_text()))])

    def test_the_largest_map_says_which_it_is_and_what_it_lacks(self):
        sample = SOURCE / "reports" / "samples" / "nvidia-h100-scene_switch.json"
        process = self.run_program("report", sample, "--format", "vma", "-o", "map.json")
        snapshots = [(run["strategy"]["name"], snapshot) for run in json.loads(sample.read_text())["runs"] for snapshot in run["snapshots"]]
        taken = re.search(r"vma: map.json, snapshot '(.*?)' of (\S+), ", process.err)
        strategy, snapshot = next(entry for entry in snapshots if (entry[1]["label"], entry[0]) == taken.groups())
        dropped = "spans_dropped" in snapshot or "blocks_dropped" in snapshot
        self.assertEqual("UNKNOWN" in process.err, dropped)
        self.assertEqual('"UNKNOWN"' in (self.folder / "map.json").read_text(), any("used" in block for block in snapshot["blocks"]))

    # VMA's dump is one allocator at one moment.
    def test_one_map_is_of_one_report(self):
        sample = SOURCE / "reports" / "samples" / "nvidia-h100-scene_switch.json"
        self.assert_refused("report", sample, SAMPLES[0], "--format", "vma", "-o", "map.json", says=["2 reports", "name one"])

    # A pipe or file has room for every column.
    def test_a_pipe_gets_the_whole_table(self):
        sample = SOURCE / "reports" / "samples" / "nvidia-h100-scene_loading.json"
        self.assertNotRegex(self.run_program("report", sample).out, r"\.\.(\s|$)|left out: a wider")

    def test_formats(self):
        sample = SAMPLES[0]
        self.assert_refused("report", sample, "-o", "page.htm", says=["page.htm", "--format html"])
        self.assert_refused("report", sample, "--format", "html", says=["-o FILE"])
        self.assert_refused("report", sample, "--format", "hmtl", "-o", "x", says=["hmtl"])
        self.assert_refused("report", says=["REPORT"])
        self.assert_refused("report", sample, "-o", "missing/page.html", code=1, says=["missing/page.html"])
        self.assert_refused("report", sample, "-o", "/dev/full", "--format", "html", code=1, says=["/dev/full"])
