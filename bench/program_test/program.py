"""Runs the program for the tests: every test starts it as a user would and looks only at what a user sees."""
import copy
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from jsonschema import Draft202012Validator

PROGRAM = os.environ["VKMEMBENCH_PROGRAM"]
SOURCE = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((SOURCE / "scenarios").glob("*.json"))
RECORDINGS = sorted((SOURCE / "scenarios" / "recorded").glob("*.json"))
PROFILES = sorted((SOURCE / "scenarios" / "devices").glob("*.json"))
SIMULATED = "sim:amd-rx-6600"
# A program that runs under Wine: signals, limits, devices and symbolic links of this system say nothing of it.
ON_POSIX = os.environ.get("VKMEMBENCH_SYSTEM", "posix") == "posix"
posix_only = unittest.skipUnless(ON_POSIX, "asks a POSIX system")
NO_DRIVERS = {"VK_ICD_FILENAMES": "/nonexistent", "VK_DRIVER_FILES": "/nonexistent"}

BUFFER = {"op": "buffer", "id": 1, "size": 4096, "usage": ["vertex_buffer"], "memory": "device"}
UPLOAD = {"op": "buffer", "id": 1, "size": 4096, "usage": ["vertex_buffer"], "memory": "upload"}
IMAGE = {"op": "image", "id": 1, "format": "R8G8B8A8_UNORM", "extent": [64, 64, 1], "mips": 1, "layers": 1, "samples": 1,
         "tiling": "optimal", "usage": ["sampled"], "memory": "device"}
FRAME = {"op": "frame"}


def native(path):
    """A path as the program's system writes it."""
    return path if ON_POSIX else path.replace("/", "\\")


def posix(path):
    """The same from the program, as this system takes it."""
    return path if ON_POSIX else path.removeprefix("Z:").replace("\\", "/")


def scenario_of(events, **keys):
    """A scenario of the events."""
    return {"schema": "vkmembench.scenario/1", "name": "test", "workload": {"events": events}, **keys}


def profile_of(base="amd-rx-6600", heap_bytes=None, granularity=None):
    """A shipped device profile with smaller heaps or another buffer-image granularity."""
    profile = copy.deepcopy(json.loads((SOURCE / "scenarios" / "devices" / f"{base}.json").read_text()))
    if heap_bytes is not None:
        for heap in profile["heaps"]:
            heap["size_bytes"] = heap["budget_bytes"] = heap_bytes
    if granularity is not None:
        profile["limits"]["bufferImageGranularity"] = granularity
    return profile


def validator(kind):
    """The schema that the program prints, ready to judge."""
    text = subprocess.run([PROGRAM, "schema", kind], check=True, capture_output=True, timeout=60).stdout
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


class ProgramTest(unittest.TestCase):
    """Runs in a fresh folder, which is also the working folder of the program."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.report_validator = validator("report")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vkmembench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        """Writes a text, bytes or JSON value to a file of the folder; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return str(path)

    def start(self, *arguments, environment=None, **options):
        """Starts the program with its output captured."""
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, text=True, encoding="utf-8", errors="replace",
                                env={**os.environ, **(environment or {})}, **settings)

    def run_program(self, *arguments, code=0, timeout=120, **options):
        """Runs the program to its end, which must have this exit code, or any with None."""
        process = self.start(*arguments, **options)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        finally:
            process.kill()
            process.wait()
        self.assertIn(process.returncode, {process.returncode} if code is None else {code}, f"{arguments}\n{stdout}\n{stderr}")
        process.out, process.err = stdout, stderr
        return process

    def assert_one_line(self, text, *parts):
        """The line is what a failure prints: one, of the program, with each part."""
        self.assertRegex(text, r"\Avkmembench: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(str(part), text)

    def assert_refused(self, *arguments, code=2, says=(), **options):
        """The program refuses the input: one line, nothing on stdout, and no file made or changed."""
        before = self.files()
        process = self.run_program(*arguments, code=code, **options)
        self.assert_one_line(process.err, *says)
        self.assertFalse(process.out)
        self.assertEqual(self.files(), before)
        return process.err

    def files(self):
        """Every file and folder below the folder, with what it holds."""
        return {str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
                for path in self.folder.rglob("*")}

    def strategy_count(self):
        """How many strategies `--strategy all` means."""
        strategies = json.loads(self.run_program("list", "strategies", "--json").out)
        return sum(strategy["preset"] != "recorded" for strategy in strategies)  # which is left out of what nobody recorded

    def needs_lavapipe(self):
        if "llvmpipe" not in self.run_program("list", "devices").out:
            self.skipTest("no lavapipe")

    def assert_no_leftovers(self):
        self.assertEqual([name for name in self.files() if ".vkmembench-" in name or name.endswith(".tmp")], [])

    def report(self, path, status="ok"):
        """The report in the file, once it is found to be valid."""
        report = json.loads((self.folder / path).read_text(encoding="utf-8"), parse_constant=self.fail)
        return self.check_report(report, status)

    def check_report(self, report, status="ok"):
        errors = [f"{error.json_path}: {error.message[:200]}" for error in self.report_validator.iter_errors(report)]
        self.assertEqual(errors, [])
        self.assertEqual(report["status"], status)
        return report

    def signalled(self, number, arguments, wait):
        """Sends the signal, twice as timeout(1) does, once `wait` of the running process returns; returns the ended
        process."""
        process = self.start(*arguments)
        try:
            wait(process)
            process.send_signal(number)
            time.sleep(0.02)
            process.send_signal(number)
            process.out, process.err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        return process

    def signal_at_work(self, number, *arguments):
        """Sends the signal to the program soon after it began to listen; returns the ended process."""
        def listens(process):
            caught = 0
            while not caught >> (number - 1) & 1:
                self.assertIsNone(process.poll(), "the program ended before it could be interrupted")
                status = Path(f"/proc/{process.pid}/status").read_text()
                caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1], 16)
            time.sleep(0.3)
        return self.signalled(number, arguments, listens)

    def interrupt(self, *arguments, number=signal.SIGINT, wait_for):
        """Sends the signal once the file is there; returns the ended process."""
        def writes(process):
            deadline = time.monotonic() + 60
            while not (self.folder / wait_for).exists():
                self.assertIsNone(process.poll(), "the run ended before it could be interrupted")
                self.assertLess(time.monotonic(), deadline, f"no {wait_for}")
                time.sleep(0.005)
        return self.signalled(number, arguments, writes)


def metric(run, name, scope=None):
    """The value of a run's metric; None where the run lacks it."""
    for row in run["metrics"]:
        if row["id"] == name and row.get("scope") == scope:
            return row["value"]
    return None
