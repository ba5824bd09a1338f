"""Bad inputs: one line that names what, where and the remedy, the documented exit code, and nothing written."""
import json
import re
import resource
import subprocess
from pathlib import Path

from bad_inputs import FOLDER, rows
from program import PROGRAM, SIMULATED, SOURCE, ProgramTest, posix_only

ICD_FOLDER = Path("/usr/share/vulkan/icd.d")


class BadInputTest(ProgramTest):
    def refuse(self, *arguments, says=(), **options):
        return self.assert_refused("run", *arguments, "--device", SIMULATED, "-o", "r.json", says=says, **options)

    def assert_row(self, row):
        """In a folder of its own."""
        for name, content in row.files.items():
            if content is FOLDER:
                (self.folder / name).mkdir()
            else:
                self.write(name, content)
        before = self.files()
        if row.signal:
            process = self.signal_at_work(row.signal, *row.typed)
            self.assertEqual(process.returncode, row.code, process.err)
        else:
            process = self.run_program(*row.typed, code=row.code, environment=row.environment)
        lines = process.err.splitlines(keepends=True)
        self.assert_one_line(lines[-1], *row.says)
        if not row.writes:
            self.assertEqual(len(lines), 1, process.err)
            self.assertFalse(process.out if row.code != 3 else "")
            self.assertEqual(self.files(), before)
        if row.code == 2:
            self.assert_has_a_remedy(lines[-1])

    # After the place and the finding, what to do about it, or what the value has to be.
    def assert_has_a_remedy(self, line):
        self.assertRegex(line, r"; |did you mean|\b(is not|not an?|not from|neither|needs|above|beyond|has no closing|has [a-z ]*\d)\b")

    def test_every_row(self):
        base = self.folder
        for number, row in enumerate(rows()):
            with self.subTest(row.name):
                self.folder = base / str(number)
                self.folder.mkdir()
                self.assert_row(row)
        self.folder = base

    @posix_only  # signals have codes too
    def test_every_code_has_a_row(self):
        """Of the README's table."""
        table = (SOURCE / "README.md").read_text().partition("| exit | meaning |")[2].partition("\n\n")[0]
        codes = {int(code) for cell in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in cell.split(", ")}
        self.assertGreater(len(codes), 8)
        self.assertEqual({row.code for row in rows()} | {0}, codes)

    def test_truncated_zst(self):
        subprocess.run([PROGRAM, "expand", "churn", "--set", "scale=0.02", "-o", "whole.jsonl.zst"],
                       cwd=self.folder, check=True, capture_output=True, timeout=60)
        whole = (self.folder / "whole.jsonl.zst").read_bytes()
        for name, part in (("half", whole[: len(whole) // 2]), ("last byte", whole[:-1]), ("empty", b""),
                           ("no zstd", b"{}\n"), ("flipped", whole[:-20] + bytes([whole[-20] ^ 0xff]) + whole[-19:])):
            with self.subTest(name):
                self.refuse(self.write("t.jsonl.zst", part), says=["t.jsonl.zst"])

    @posix_only
    def test_files_without_an_end(self):
        limit = 4_000_000 * 1024
        settings = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)), "says": ["zero", "larger than 268435456 bytes"]}
        (self.folder / "zero.json").symlink_to("/dev/zero")
        self.assert_refused("validate", "/dev/zero", **settings)
        self.refuse("/dev/zero", **settings)
        self.refuse("churn", "--strategy", "zero.json", **settings)
        self.assert_refused("run", "churn", "--device", "sim:zero.json", "-o", "r.json", **settings)
        self.assert_refused("report", "zero.json", **settings)
        self.assert_refused("gate", "zero.json", "zero.json", "--policy", "zero.json", **settings)

    def test_every_parameter_is_bounded(self):
        process = self.run_program("list", "strategies", "--json")
        for preset in json.loads(process.out):
            for key, value in preset["parameters"].items():
                bad = "1e300" if isinstance(value, (int, float)) and not isinstance(value, bool) else "?"
                with self.subTest(f"{preset['name']}{{{key}={bad}}}"):
                    self.refuse("churn", "--strategy", f"{preset['name']}{{{key}={bad}}}", says=[key])

    def test_several_devices_match(self):
        icd = next(iter(sorted(ICD_FOLDER.glob("lvp*.json"))), None)
        if icd is None:
            self.skipTest("no lavapipe")
        drivers = ":".join(self.write(name, icd.read_text()) for name in ("a.json", "b.json"))
        environment = {"VK_ICD_FILENAMES": drivers, "VK_DRIVER_FILES": drivers}
        for selector in ("cpu", "name:llvmpipe*"):
            with self.subTest(selector):
                self.assert_refused("run", "churn", "--device", selector, "-o", "r.json", environment=environment,
                                    says=[selector, "2 devices", "index"])

    def test_model_clock_on_a_real_device(self):
        self.needs_lavapipe()
        self.assert_refused("run", "churn", "--device", "cpu", "--clock", "model", "-o", "r.json",
                            says=["--clock model", "--device sim:"])
