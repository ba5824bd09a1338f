"""`record`: programs recorded through the layer on the CPU's driver, with the validation layer on; what the traces say is
what an independent layer counted."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from program import PROGRAM, SIMULATED, ProgramTest, validator

BUILD = Path(PROGRAM).parent
KILLS = 20 if os.environ.get("VKMEMBENCH_OUTSIDE") == "full" else 4
RECORDED = BUILD / "recorded" / "recorded_program"
LAYERS = {"VK_ADD_LAYER_PATH": str(BUILD / "recorded"), "VK_INSTANCE_LAYERS": "VK_LAYER_VKMEMBENCH_counting"}


def read(path):
    """The lines of a recording, as far as its whole frames go."""
    text = subprocess.run(["zstdcat", path], capture_output=True, check=False, timeout=60).stdout
    return [json.loads(line) for line in text.splitlines() if line.endswith(b"}")]


def peak(changes):
    """The most that a sum of changes comes to."""
    most = held = 0
    for change in changes:
        held += change
        most = max(most, held)
    return most


class Recording:
    """What a recording says."""

    def __init__(self, path):
        lines = read(path)
        self.header = lines[0]
        places = [line for line in lines if "placements" in line]
        self.events = [line for line in lines if "op" in line]
        self.left_out = {what: count for line in places for what, count in line.get("left_out", {}).items()}
        self.is_whole = any("left_out" in line for line in places)
        self.blocks = [block for line in places for block in line.get("blocks", [])]
        self.freed = {row[0]: row[1:] for line in places for row in line.get("freed", [])}
        self.placements = [row for line in places for row in line["placements"]]

    def of(self, *ops):
        return [event for event in self.events if event["op"] in ops]

    def allocated_peak(self):
        """By the blocks alone."""
        changes = [(event, 2 * block + 1, size) for block, (size, _, event) in enumerate(self.blocks)]
        changes += [(event, 2 * told[0] if told else 0, -self.blocks[block][0]) for block, (event, *told) in self.freed.items()]
        return peak(change for _, _, change in sorted(changes))


class RecordTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trace_validator = validator("trace")

    def setUp(self):
        super().setUp()
        if not RECORDED.exists():
            self.skipTest("built without the program that is recorded")
        self.needs_lavapipe()

    def record(self, what, *options, layers=None, validation=True):
        """Records the program doing something; returns what `record` printed."""
        layers = {**LAYERS, **(layers or {}), "VKMEMBENCH_COUNT_FILE": str(self.folder / "counts")}
        layers["VK_INSTANCE_LAYERS"] += ":VK_LAYER_KHRONOS_validation" if validation else ""
        done = self.run_program("record", "-o", "t.jsonl.zst", *options, "--", RECORDED, what, environment=layers)
        self.assertNotIn("VUID", done.out + done.err)
        self.assert_no_leftovers()
        return done

    def counts(self):
        return [json.loads(line) for line in (self.folder / "counts").read_text().splitlines()]

    def assert_valid(self, name="t.jsonl.zst"):
        recording = Recording(self.folder / name)
        for line in read(self.folder / name)[:100]:
            self.assertEqual([error.message for error in self.trace_validator.iter_errors(line)], [], line)
        self.assertIn("valid trace", self.run_program("validate", name).out)
        return recording

    def assert_counted(self, recording, counts, in_order=True):
        """The recording and the independent count agree; on peaks where both see the calls in one order."""
        created = recording.of("buffer", "image")
        self.assertEqual(len(created), counts["binds"])
        self.assertEqual(len(recording.placements), counts["binds"])
        self.assertEqual(len(recording.of("free")), counts["frees"])
        self.assertEqual(len(recording.blocks), counts["allocations"])
        if in_order:
            self.assertEqual(recording.allocated_peak(), counts["allocated_peak"])
        self.assertEqual(len(created) + recording.left_out.get("resources that were never bound", 0), counts["created"])

    def test_everything_that_a_program_does(self):
        self.assertIn("left out: 1 × resources that were never bound", self.record("everything").err)
        recording = self.assert_valid()
        [counts] = self.counts()
        self.assert_counted(recording, counts)
        buffers, images = recording.of("buffer"), recording.of("image")
        self.assertEqual([buffer["size"] for buffer in buffers], [8192, 4096, 2048])
        self.assertEqual([buffers[2]["alias_of"], buffers[2]["alias_offset"]], [buffers[1]["id"], 1024])
        self.assertEqual([event.get("tag") for event in buffers + images], ['staging "ring"', None, None, "albedo", None])
        self.assertEqual(images[0]["view_formats"], ["R8G8B8A8_UNORM", "R8G8B8A8_SRGB"])
        self.assertEqual([image.get("dedicated", False) for image in images], [True, False])
        self.assertEqual([event["size"] for event in recording.of("write", "read")], [4096, 4096])
        self.assertEqual([event["size"] for event in recording.of("copy")], [4096, 32 * 32 * 4, 1024])
        self.assertEqual([event["size"] for event in recording.of("upload")], [4, 16 * 16 * 4, 8 * 8 * 4])
        self.assertEqual([event.get("lane", 0) for event in recording.of("free")], [1, 1, 0, 0, 0])
        self.assertEqual(len(recording.of("frame")), 4)
        self.assertEqual(recording.left_out["structures 1000246000 of VkImageCreateInfo"], 1)
        self.assertEqual(recording.header["device"]["types"][0]["heap"], 0)
        for device in (SIMULATED, "cpu"):
            self.run_program("run", "t.jsonl.zst", "--device", device, "--strategy", "all", "--check", "-q", "-o", "r.json")
            self.report("r.json")

    def test_required_bytes_are_those_of_the_replay(self):
        self.record("frames")
        self.run_program("run", "t.jsonl.zst", "--device", "cpu", "--strategy", "dedicated", "-q", "-o", "r.json")
        [run] = self.report("r.json")["runs"]
        [required] = [row["value"] for row in run["metrics"] if row["id"] == "mem.required_peak_bytes" and "scope" not in row]
        self.assertEqual(required, self.counts()[0]["required_peak"])

    def test_threads(self):
        self.record("threads")
        recording = self.assert_valid()
        self.assert_counted(recording, self.counts()[0], in_order=False)
        self.assertEqual({event.get("lane", 0) for event in recording.of("free")}, set(range(8)))

    def test_what_a_frame_is(self):
        frames = []
        for how in (["frames"], ["frames", "--frame-on", "present"], ["boundaries"], ["boundaries", "--frame-on", "submit"]):
            self.record(*how, validation=how[0] == "frames")  # it knows no boundaries
            frames.append(len(self.assert_valid().of("frame")))
        self.assertEqual(frames, [11, 1, 11, 21])

    def test_some_frames(self):
        """What lives when the first begins is created in it."""
        self.record("frames", "--frames", "4-6")
        recording = self.assert_valid()
        self.assertEqual(len(recording.of("frame")), 3)
        self.assertEqual([event["size"] for event in recording.of("buffer")], [1002, 1003, 1004, 1005, 1006])
        self.assertEqual(len(recording.of("free")), 3)
        self.assertEqual(len(recording.placements), 5)

    def test_a_program_sets_and_environment_and_file_go_before(self):
        self.record("settings", validation=False)  # it does not know them
        self.assertEqual(len(self.assert_valid().of("frame")), 3)
        self.write("layers/vk_layer_settings.txt", "# ours\nvkmembench_record.frames = 1-1\nkhronos_validation.frames = 7\n")
        self.record("settings", validation=False, layers={"VK_LAYER_SETTINGS_PATH": str(self.folder / "layers")})
        self.assertEqual(len(self.assert_valid().of("frame")), 1)
        self.record("settings", "--frames", "0-3", validation=False, layers={"VK_LAYER_SETTINGS_PATH": str(self.folder / "layers")})
        self.assertEqual(len(self.assert_valid().of("frame")), 4)

    def test_bad_settings_are_told_and_left(self):
        environment = {"VKMEMBENCH_RECORD_FRAMES": "9-1", "VKMEMBENCH_RECORD_FRAME_ON": "presents", "VKMEMBENCH_RECORD_ANONYMIZE": "perhaps"}
        said = self.record("frames", layers=environment).err
        self.assertIn("vkmembench-record: frames: '9-1' is not A-B", said)
        self.assertIn("did you mean 'present'", said)
        self.assertIn("anonymize: 'perhaps' is neither", said)
        self.assertEqual(len(self.assert_valid().of("frame")), 11)

    def test_names_are_left_out(self):
        self.record("everything", "--anonymize")
        self.assertNotIn("albedo", json.dumps(self.assert_valid().events))

    def test_a_file_a_device(self):
        self.record("two")
        files = sorted(self.folder.glob("t.*.jsonl.zst"))
        self.assertEqual(len(files), 2)
        sizes = [[event["size"] for event in self.assert_valid(file.name).of("buffer")] for file in files]
        self.assertEqual(sizes, [[1000], [2000, 3000]])

    def test_a_file_a_process(self):
        self.record("fork")
        sizes = sorted([event["size"] for event in self.assert_valid(file.name).of("buffer")] for file in self.folder.glob("t.*.jsonl.zst"))
        self.assertEqual(sizes, [[1000, 3000], [2000]])

    def test_what_a_program_leaves(self):
        self.run_program("record", "-o", "t.jsonl.zst", "--", RECORDED, "leak")
        recording = self.assert_valid()
        self.assertTrue(recording.is_whole)
        self.assertEqual([len(recording.of("buffer")), len(recording.of("free")), recording.freed], [1, 0, {}])

    def wait_for(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def kill(self, name, wait, **settings):
        """The recording of a program that comes and goes with its buffers until it is killed, once wait(file) returns."""
        environment = {**os.environ, "VK_ADD_LAYER_PATH": str(BUILD), "VK_INSTANCE_LAYERS": "VK_LAYER_VKMEMBENCH_record",
                       "VKMEMBENCH_RECORD_FILE": str(self.folder / f"{name}.jsonl.zst"), **settings}
        with subprocess.Popen([RECORDED, "endless"], env=environment, stdout=subprocess.PIPE) as process:
            file = self.folder / f"{name}.{process.pid}-0.jsonl.zst"
            try:
                self.wait_for(lambda: file.exists() and file.stat().st_size > 0)
                wait(file)
            finally:
                process.kill()
        return file.name

    def test_a_program_that_is_killed(self):
        """At any moment: what ended a while before is there to read and to replay."""
        seeded = random.Random(7)
        for i in range(KILLS):
            file = self.kill(i, lambda _: time.sleep(0.3 * seeded.random()))
            recording = self.assert_valid(file)
            self.assertGreater(len(recording.events), 1)
            self.assertFalse(recording.is_whole)
        self.run_program("run", file, "--device", SIMULATED, "--strategy", "vma", "--check", "-q", "-o", "r.json")

    def test_a_file_ends_at_its_most_bytes(self):
        def end(file):
            self.wait_for(lambda: Recording(file).is_whole)
        recording = self.assert_valid(self.kill("t", end, VKMEMBENCH_RECORD_MAX_BYTES="100"))
        self.assertEqual(recording.left_out, {"what came after the file had max_bytes": 1})

    def test_ends_as_the_program_does(self):
        for how, code, says in (["nothing"], 77, ["nothing was recorded"]), (["fail"], 9, ["nothing was recorded"]):
            done = self.run_program("record", "-o", "t.jsonl.zst", "--", RECORDED, *how, code=code)
            for part in says:
                self.assertIn(part, done.err)
        process = self.start("record", "--", "sleep", "60")
        self.wait_for(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143, said)
        self.assert_no_leftovers()

    def test_refused(self):
        self.assert_refused("record", "--", "no-such-program", says=["no-such-program: cannot be started"])
        self.assert_refused("record", "-o", "t.json", "--", "true", says=["ends in .jsonl.zst"])
        self.assert_refused("record", "-o", "none/t.jsonl.zst", "--", "true", code=1, says=["none"])
        self.assert_refused("record", "--frames", "3", "--max-bytes", "many", "--", "true", says=["--max-bytes: 'many'"])
        self.assert_refused("record", "--frames", "4-2", "--", "true", says=["--frames: '4-2'"])
        self.assert_refused("record", says=["PROGRAM"])

    def test_vkcube(self):
        if not shutil.which("vkcube") or not shutil.which("xvfb-run"):
            self.skipTest("no vkcube, or no xvfb-run")
        done = subprocess.run(["xvfb-run", "-a", PROGRAM, "record", "-o", "cube.jsonl.zst", "--", "vkcube", "--c", "60"], cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, **LAYERS, "VKMEMBENCH_COUNT_FILE": str(self.folder / "counts")})
        self.assertEqual(done.returncode, 0, done.stderr)
        recording = self.assert_valid("cube.jsonl.zst")
        self.assert_counted(recording, self.counts()[0])
        self.assertGreater(len(recording.of("frame")), 60)
