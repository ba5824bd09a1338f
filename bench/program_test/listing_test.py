"""What the program says of itself and of the machine."""
import json
import re

from program import FRAME, NO_DRIVERS, PROFILES, RECORDINGS, SCENARIOS, SIMULATED, ProgramTest, native, scenario_of


class ListingTest(ProgramTest):
    def listing(self, what):
        return json.loads(self.run_program("list", what, "--json").out)

    def commands(self):
        """Every sub-command and what --help says of it."""
        return dict(re.findall(r"^  (\w+) +(.+)$", self.run_program("--help").out.partition("Subcommands:")[2], re.MULTILINE))

    def test_every_listing_prints_text_and_json(self):
        listings = re.search(r"{(.*)}", self.run_program("list", "--help").out).group(1).split(",")
        self.assertGreater(len(listings), 4)
        for what in listings:
            with self.subTest(what):
                rows = self.listing(what)
                self.assertGreater(len(rows), 1)
                self.assertTrue(all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows))
                text = self.run_program("list", what).out
                first = next(iter(rows[0].values()))
                self.assertIn(first, text)
                self.assertNotRegex(text, r"[ \t]\n|\x1b")

    # A selector, strategy or scenario is printed as it is typed.
    def test_what_is_listed_can_be_typed(self):
        for row in self.listing("devices"):
            with self.subTest(row["selector"]):
                self.run_program("run", "churn", "--set", "scale=0.01", "--strategy", "null", "--device", row["selector"],
                                 "-o", "r.json", "-q")
                self.assertEqual(self.report("r.json")["device"]["name"], row["name"])
        for row in self.listing("strategies"):
            with self.subTest(row["name"]):
                overrides = ",".join(f"{key}={str(value).lower() if isinstance(value, bool) else value}"
                                     for key, value in row["parameters"].items())
                self.write("strategy.json", row)
                self.run_program("validate", "strategy.json")
                if row["preset"] == "recorded":  # which needs a recording
                    continue
                self.run_program("run", "churn", "--set", "scale=0.01", "--device", "sim:amd-rx-6600", "-o", "r.json", "-q",
                                 "--strategy", row["name"] + (f"{{{overrides}}}" if overrides else ""))
                self.assertEqual(self.report("r.json")["runs"][0]["strategy"]["parameters"], row["parameters"])
        self.assertEqual([re.split(r"[/\\]", row["file"])[-1] for row in self.listing("scenarios")], [f.name for f in SCENARIOS + RECORDINGS])
        self.assertFalse(any(row["problem"] for row in self.listing("scenarios")))

    def test_devices_without_a_driver(self):
        process = self.run_program("list", "devices", environment=NO_DRIVERS)
        self.assertEqual(len(process.out.splitlines()), len(PROFILES))
        self.assertRegex(process.err, r"\Ano vulkan device: [^\n]+\n\Z")

    def test_generators_take_scale_and_max_live_bytes(self):
        rows = self.listing("generators")
        for name in {row["generator"] for row in rows}:
            parameters = {row["parameter"] for row in rows if row["generator"] == name}
            self.assertLessEqual({"scale", "max_live_bytes"}, parameters, name)
        text = self.run_program("list", "generators").out
        for row in rows:
            self.assertIn(row["parameter"] or row["generator"], text)

    def test_listings_fit_a_window(self):
        for what in ("generators", "metrics", "strategies"):
            for line in self.run_program("list", what).out.splitlines():
                self.assertLessEqual(len(line), 110, line)

    def test_metrics_are_defined(self):
        rows = self.listing("metrics")
        self.assertEqual(len({row["id"] for row in rows}), len(rows))
        ids = re.findall(r"^(\S+)$", self.run_program("list", "metrics").out, re.MULTILINE)
        self.assertEqual(ids, [row["id"] for row in rows])
        for row in rows:
            self.assertIn(row["class"], ("exact", "bounded", "noisy", "info"))
            self.assertIn(row["better"], ("lower", "higher", "neither"))
            self.assertTrue(row["definition"])

    def test_validate(self):
        process = self.run_program("validate", *SCENARIOS, *PROFILES)
        self.assertEqual(len(process.out.splitlines()), len(SCENARIOS) + len(PROFILES))
        self.assertTrue(all(": valid " in line for line in process.out.splitlines()))
        bad = self.write("bad.json", {"schema": "vkmembench.scenario/1", "name": "bad"})
        process = self.run_program("validate", SCENARIOS[0], bad, bad, code=2)
        self.assertEqual(len(process.out.splitlines()), 1)
        self.assertEqual(process.err.count("bad.json:1:"), 2)
        self.assert_one_line(process.err.splitlines()[-1] + "\n", "2 of 3 files are not valid", bad, "mend")

    def test_scenarios_of_ones_own_stand_beside_the_shipped_ones(self):
        self.write("scenarios/mine.json", scenario_of([FRAME], description="My own. More."))
        self.write("scenarios/churn.json", scenario_of([FRAME], description="Another churn"))
        self.write("scenarios/bad.json", "{")
        churn, bad = native("scenarios/churn.json"), native("scenarios/bad.json:1:")
        rows = {row["name"]: row for row in self.listing("scenarios")}
        self.assertEqual(sorted(rows), sorted([*(f.stem for f in SCENARIOS + RECORDINGS), "mine", "bad", churn]))
        self.assertEqual((rows["mine"]["description"], rows["mine"]["problem"]), ("My own. More.", ""))
        self.assertIn(bad, rows["bad"]["problem"])
        text = self.run_program("list", "scenarios").out
        self.assertIn(f"bad\n  not valid: {bad}", text)
        self.assertIn("mine\n  My own\n", text)
        for name, events in (("mine", 1), (churn, 1), ("churn", None)):
            with self.subTest(name):
                self.run_program("run", name, "--device", SIMULATED, "--strategy", "null", "-o", "r.json", "-q")
                self.assertEqual(self.report("r.json")["scenario"]["event_count"] == 1, events == 1)
        self.assert_refused("run", "chrun", says=["did you mean 'churn'", "mine"])

    # A remedy that names a sub-command names one that there is.
    def test_doctor_and_help_name_commands_that_exist(self):
        commands = self.commands()
        for text in (self.run_program("doctor").out, self.run_program("doctor", environment=NO_DRIVERS).out,
                     *(self.run_program(command, "--help").out for command in commands)):
            for name in re.findall(r"`vkmembench (\w+)", text):
                self.assertIn(name, commands)
            self.assertNotRegex(text, r"\bprofile (import|capture)\b")

    def test_doctor(self):
        rows = json.loads(self.run_program("doctor", "--json").out)
        self.assertTrue(all(row["ok"] or row["remedy"] for row in rows))
        text = self.run_program("doctor").out
        self.assertIn("clock", text)
        without = self.run_program("doctor", environment=NO_DRIVERS).out
        self.assertIn("no Vulkan device", without)
        self.assertIn("sim:", without)

    def test_help(self):
        commands = self.commands()
        self.assertLess({"run", "compare", "gate", "list"}, commands.keys())
        for arguments in (["--help"], *([command, "--help"] for command in commands)):
            with self.subTest(arguments[0]):
                text = self.run_program(*arguments).out
                self.assertTrue(text.isascii() and text.replace("\n", "").isprintable(), text)
                self.assertLessEqual(max(map(len, text.splitlines())), 90)
        for command, description in commands.items():
            self.assertTrue(self.run_program(command, "--help").out.startswith(f"{description}\nUsage: vkmembench {command} "), command)
        text = self.run_program("--help").out
        for word in ("--json", "--color", "Exit codes"):
            self.assertIn(word, text)
        self.assertRegex(self.run_program("--version").out, r"\Avkmembench \d+\.\d+\.\d+ \(")
