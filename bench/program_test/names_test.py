"""Names of files: letters of every language, and paths as the program's system writes them."""
from program import BUFFER, FRAME, ON_POSIX, SIMULATED, ProgramTest, native, scenario_of

NAME = "Grüße 日本語 😀"


class NamesTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write(f"{NAME}.json", scenario_of([FRAME, BUFFER]))

    def replay(self, scenario, output):
        return self.run_program("run", scenario, "--device", SIMULATED, "--strategy", "null,core-default", "-o", output)

    def test_letters_of_every_language(self):
        process = self.replay(f"{NAME}.json", f"{NAME}/")
        self.report(f"{NAME}/test.json")
        self.assertIn(NAME, process.err)
        self.run_program("expand", f"{NAME}.json", "-o", f"{NAME}.jsonl.zst")
        self.run_program("validate", f"{NAME}.jsonl.zst", f"{NAME}.json")
        self.assert_refused("run", f"{NAME}{NAME}.json", "--device", SIMULATED, says=[f"{NAME}{NAME}.json"])

    def test_whole_paths_of_the_system(self):
        (self.folder / "a b").mkdir()
        folder = ("" if ON_POSIX else "Z:") + str(self.folder)
        self.replay(native(f"{folder}/{NAME}.json"), native(f"{folder}/a b/r.json"))
        self.report("a b/r.json")
        self.replay(native(f"a b/../{NAME}.json"), native("a b/") + "s.json")
        self.report("a b/s.json")

    def test_what_is_there_is_replaced(self):
        self.write("r.json", "old")
        for _ in range(2):
            self.replay(f"{NAME}.json", "r.json")
            self.report("r.json")
        self.assertEqual(set(self.files()), {f"{NAME}.json", "r.json"})
