"""Where results go: whole files or none, JSON on stdout, no colour where none is wanted."""
import fcntl
import json
import os
import pty
import struct
import termios

from program import BUFFER, FRAME, PROFILES, SIMULATED, SOURCE, ProgramTest, native, posix_only, profile_of, scenario_of


class OutputTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("s.json", scenario_of([FRAME, BUFFER]))

    def run_it(self, *arguments, **options):
        return self.run_program("run", self.scenario, "--device", SIMULATED, *arguments, **options)

    def test_default_name(self):
        self.run_it("--strategy", "vma")
        self.report("test.report.json")
        self.assertEqual(set(self.files()), {"s.json", "test.report.json"})

    def test_a_file_gets_nothing_beside_it(self):
        self.run_it("-o", "r.out")
        self.report("r.out")
        self.assertEqual(set(self.files()), {"s.json", "r.out"})

    def test_folders_are_made_with_parents(self):
        self.run_it("-o", "a/b/", "--strategy", "null")
        self.report("a/b/test.json")
        (self.folder / "there").mkdir()
        self.run_it("-o", "there", "--strategy", "null")
        self.report("there/test.json")

    def test_a_matrix_of_devices(self):
        self.run_program("run", self.scenario, "--device", "sim:all", "-o", "m/", "--strategy", "null,vma")
        reports = sorted(name for name in self.files() if name.endswith("/test.json"))
        self.assertEqual(len(reports), len(PROFILES))
        self.assertEqual(len({self.report(name)["device"]["name"] for name in reports}), len(PROFILES))

    # Root may write anywhere, so the unwritable places are below a regular file and in a file system that takes nothing.
    def test_places_that_cannot_be_written(self):
        for place, says in (("missing/r.json", "missing"), ("s.json/r.json", "s.json"), ("s.json/out/", "s.json"),
                            ("/proc/r.json", "/proc"), ("/proc/out/", "/proc"), ("x" * 300, "xxx")):
            with self.subTest(place):
                self.assert_refused("run", self.scenario, "--device", SIMULATED, "-q", "-o", place, code=1, says=[says])

    @posix_only
    def test_a_full_disk(self):
        process = self.run_it("-o", "/dev/full", "-q", code=1)
        self.assert_one_line(process.err, "/dev/full", "space")
        for arguments in (["run", self.scenario, "--device", SIMULATED, "-q", "-o", "-"],
                          ["run", self.scenario, "--device", SIMULATED, "-q", "-o", "r.json"],
                          ["list", "metrics"], ["expand", self.scenario, "-o", "-"], ["schema", "report"], ["--version"],
                          ["--help"]):
            with self.subTest(arguments[0]), open("/dev/full", "w", encoding="utf-8") as full:
                process = self.run_program(*arguments, code=1, stdout=full)
                self.assert_one_line(process.err, "stdout")
        process = self.run_program("expand", self.scenario, "-o", "/dev/full", code=1)
        self.assert_one_line(process.err, "/dev/full", "space")

    def test_an_input_is_never_the_output(self):
        self.run_it("-o", "base.json", "--strategy", "null")
        self.run_program("expand", self.scenario, "-o", "t.jsonl", "-q")
        strategy = self.write("st.json", {"preset": "vma"})
        policy = self.write("policy.json", (SOURCE / "reports" / "gate.json").read_text())
        by_trace = self.write("by_trace.json", {**scenario_of([]), "workload": {"trace": "t.jsonl"}})
        profile = self.write("p.json", profile_of())
        (self.folder / "link.json").symlink_to("s.json")
        self.write("d/test.json", (self.folder / "s.json").read_text())
        simulated = ["--device", SIMULATED]
        for arguments, says in (
                (["run", self.scenario, *simulated, "-o", "s.json"], "s.json"),
                (["run", self.scenario, *simulated, "-o", "link.json"], "link.json"),
                (["run", "d/test.json", *simulated, "-o", "d/"], "d/test.json"),
                (["run", by_trace, *simulated, "-o", "t.jsonl"], "t.jsonl"),
                (["run", self.scenario, *simulated, "--strategy", f"null,{strategy}", "-o", "st.json"], "st.json"),
                (["run", self.scenario, "--device", f"sim:{profile}", "-o", "p.json"], "p.json"),
                (["expand", self.scenario, "-o", "s.json"], "s.json"), (["expand", by_trace, "-o", "t.jsonl"], "t.jsonl"),
                (["report", "base.json", "--format", "csv", "-o", "base.json"], "base.json"),
                (["gate", "base.json", "base.json", "--policy", policy, "--junit", "base.json"], "base.json"),
                (["gate", "base.json", "base.json", "--policy", policy, "--summary", "policy.json"], "policy.json"),
                (["baseline", "accept", "base.json", "--reason", "x", "-o", "base.json"], "base.json"),
                (["baseline", "accept", "d", "--reason", "x", "-o", "d"], native("d/test.json")),
                (["ab", self.scenario, *simulated, "--strategies", f"null,{strategy}", "-o", "st.json"], "st.json")):
            with self.subTest(" ".join(arguments)):
                self.assert_refused(*arguments, says=[says, "overwrite the input"])
        # What is replaced is no input.
        self.run_it("-o", "base.json", "--strategy", "null")
        for _ in range(2):
            self.run_program("baseline", "accept", "base.json", "--reason", "x", "-o", "accepted.json")

    @posix_only
    def test_a_pipe_gets_one_report(self):
        self.check_report(json.loads(self.run_it("-o", "/dev/stdout").out))
        reader, writer = os.pipe()
        with os.fdopen(reader, encoding="utf-8") as pipe:
            process = self.start("run", self.scenario, "--device", SIMULATED, "-o", f"/dev/fd/{writer}", pass_fds=[writer])
            os.close(writer)
            text = pipe.read()
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.check_report(json.loads(text))

    def test_a_reader_that_leaves(self):
        process = self.start("expand", "churn", "-o", "-")
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        process.wait(timeout=60)
        process.stderr.close()
        self.assertEqual(process.returncode, 0)
        self.assertNotIn("cannot", error)

    # It has what it wanted: the command ends as it would have, by its own verdict.
    def test_a_reader_that_left(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        self.run_it("-o", "r.json", "--strategy", "vma")
        unmet = self.write("unmet.json", {**scenario_of([FRAME, BUFFER]), "expect": [{"metric": "alloc.count", "max": 0}]})
        for arguments, code in (
                (["list", "metrics"], 0), (["list", "strategies", "-v"], 0), (["list", "scenarios", "--json"], 0), (["--help"], 0),
                (["run", "--help"], 0), (["--version"], 0), (["schema", "report"], 0), (["doctor"], 0), (["report", "r.json"], 0),
                (["report", "r.json", "--format", "csv", "-o", "-"], 0), (["compare", "r.json", "r.json"], 0),
                (["validate", "s.json"], 0), (["expand", "s.json", "-o", "/dev/stdout"], 0), (["new", "scenario", "mine"], 0),
                (["run", "s.json", "--device", SIMULATED, "-o", "-", "-q"], 0),
                (["run", unmet, "--device", SIMULATED, "--strategy", "vma", "-o", "u.json", "-q"], 3)):
            with self.subTest(" ".join(arguments)):
                process = self.run_program(*arguments, code=code, stdout=writer)
                self.assertNotRegex(process.err, "cannot be written|[Bb]roken pipe")

    @posix_only
    def test_a_target_that_is_no_file_is_not_renamed_over(self):
        self.run_it("-o", "/dev/null", "--strategy", "null")
        self.assertTrue(os.path.exists("/dev/null") and not os.path.isfile("/dev/null"))
        (self.folder / "link.json").symlink_to("target.json")
        self.run_it("-o", "link.json", "--strategy", "null")
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.report("target.json")

    def test_a_failed_run_keeps_the_report_that_was_there(self):
        self.write("r.json", "kept")
        bad = self.write("bad.json", scenario_of([]))
        self.assert_refused("run", bad, "--device", SIMULATED, "-o", "r.json", says=["bad.json"])
        self.assertEqual((self.folder / "r.json").read_text(), "kept")

    def test_stdout_carries_the_report_only(self):
        for arguments in (["-o", "-"], ["-o", "-", "--json"], ["--json", "-o", "r.json"], ["--json", "-o", "r.json", "-v"]):
            with self.subTest(arguments):
                self.check_report(json.loads(self.run_it(*arguments).out))
        self.assertEqual(json.loads((self.folder / "r.json").read_text())["status"], "ok")

    def test_quiet_says_nothing_but_the_result(self):
        process = self.run_it("-q", "-o", "r.json")
        self.assertEqual(process.err, "")
        self.assertIn("core-default", process.out)
        self.assertIn("r.json", self.run_it("-o", "r.json").err)

    def on_a_terminal(self, *arguments, scenario=None, stream="stdout", columns=80, code=0, **environment):
        """What the program prints where the stream is a terminal."""
        try:
            main, terminal = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminals here: {error}")
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start("run", scenario or self.scenario, "--device", SIMULATED, "-o", "r.json", *arguments,
                             environment={"TERM": "xterm", "NO_COLOR": "", **environment}, **{stream: terminal})
        os.close(terminal)
        text = b""
        try:
            while part := os.read(main, 65536):
                text += part
        except OSError:  # the terminal is gone once the program has ended
            pass
        os.close(main)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, text)
        return text.decode()

    @posix_only
    def test_colour(self):
        self.assertIn("\x1b[", self.on_a_terminal())
        self.assertNotIn("\x1b[", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.on_a_terminal("--color", "never"))
        self.assertIn("\x1b[", self.on_a_terminal("--color", "always", NO_COLOR="1"))
        self.assertIn("\x1b[", self.run_it("-o", "r.json", "--color", "always").out)
        self.assertNotIn("\x1b[", self.run_it("-o", "r.json").out)

    @posix_only
    def test_a_dumb_terminal_gets_plain_text(self):
        self.assertNotIn("\x1b", self.on_a_terminal(TERM="dumb"))
        self.assertIn("\x1b[", self.on_a_terminal("--color", "always", TERM="dumb"))
        long = ["--strategy", "null,dedicated", "--repeat", "200", "--timeout", "1"]
        self.assertNotIn("\x1b", self.on_a_terminal(*long, scenario="scene_switch", stream="stderr", code=1, TERM="dumb"))

    @posix_only
    def test_the_progress_fits_the_terminal(self):
        for columns in (30, 80):
            text = self.on_a_terminal("--strategy", "null,dedicated", "--repeat", "200", "--timeout", "1", scenario="scene_switch",
                                      stream="stderr", code=1, columns=columns)
            shown = [line.strip("\r\n") for line in text.split("\x1b[K") if line.startswith("[")]
            self.assertTrue(shown, text)
            self.assertLess(max(map(len, shown)), columns, shown)

    @posix_only
    def test_the_table_fits_the_terminal(self):
        plain = self.on_a_terminal("--color", "never", LC_ALL="C")
        self.assertTrue(plain.isascii(), plain)
        self.assertLessEqual(max(map(len, plain.splitlines())), 80)
        letters = self.on_a_terminal("--color", "never", LC_ALL="C.UTF-8")
        self.assertLessEqual(max(map(len, letters.splitlines())), 80)

    @posix_only
    def test_a_table_read_by_a_program_is_ascii_in_the_c_locale(self):
        self.assertTrue(self.run_it("-o", "r.json", environment={"LC_ALL": "C"}).out.isascii())

    # Read while it is written, the file is never half a report.
    def test_the_file_is_whole_at_every_moment(self):
        process = self.start("run", "scene_switch", "--set", "scale=0.2", "--device", SIMULATED, "--repeat", "5", "-o",
                             "r.json", "-q")
        seen = set()
        while process.poll() is None:
            if (self.folder / "r.json").exists():
                seen.add(json.loads((self.folder / "r.json").read_text())["status"])
        process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertIn("incomplete", seen)
        runs = self.report("r.json")["runs"]
        self.assertEqual(len(runs), self.strategy_count())
        self.assertEqual({run["rounds"] for run in runs}, {5})
        self.assert_no_leftovers()
