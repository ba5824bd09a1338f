"""What real programs did, scenarios/recorded/: private to nobody, replayed by the program's own strategy as it was, and by others."""
import json
import subprocess

from program import ON_POSIX, RECORDINGS, SIMULATED, SOURCE, ProgramTest, metric

MOST_BYTES = 300 * 1000


class CorpusTest(ProgramTest):
    def test_is_what_the_script_records(self):
        script = subprocess.run([SOURCE / "scripts" / "record-corpus", "--list"], check=True, capture_output=True, text=True, timeout=60)
        self.assertEqual(sorted(script.stdout.split()), [file.stem for file in RECORDINGS])
        self.assertGreaterEqual(len(RECORDINGS), 10)
        self.assertEqual(sorted(file.name for file in RECORDINGS[0].parent.glob("*.zst")), [f"{file.stem}.jsonl.zst" for file in RECORDINGS])
        table = (RECORDINGS[0].parent / "README.md").read_text()
        for file in RECORDINGS:
            self.assertIn(f"`{file.stem}`", table)

    def test_tells_nothing_private(self):
        """No names of objects, and no texts but Vulkan's and the driver's own."""
        for file in RECORDINGS:
            with self.subTest(file.stem):
                packed = file.with_name(f"{file.stem}.jsonl.zst")
                self.assertLessEqual(packed.stat().st_size, MOST_BYTES)
                text = subprocess.run(["zstdcat", packed], check=True, capture_output=True, text=True, timeout=60).stdout
                for word in ('"tag"', "/", "\\"):
                    head, *lines = text.splitlines()
                    found = [line[:200] for line in lines if word in line and "left_out" not in line]
                    self.assertEqual(found, [], word)
                    self.assertEqual(json.loads(head)["device"]["name"].split()[0], "llvmpipe")

    def test_replays_as_it_was(self):
        """The scenarios' expectations are what was counted beside the recording; what each says of `recorded` holds."""
        self.needs_lavapipe()
        for file in RECORDINGS:
            if not ON_POSIX and file.stem.startswith("ffmpeg_"):
                continue  # they share memory by descriptors of files, which only POSIX has
            with self.subTest(file.stem):
                expected = {row["metric"]: row for row in json.loads(file.read_text())["expect"]}
                self.run_program("run", file.stem, "--device", "cpu", "--strategy", "recorded,vma,core-default", "--check", "-q", "-o", "r.json")
                runs = {run["strategy"]["name"]: run for run in self.report("r.json")["runs"]}
                for name in ("api.allocate_memory_count", "mem.reserved_peak_bytes", "mem.required_peak_bytes"):
                    self.assertEqual([metric(runs["recorded"], name)] * 2, [expected[name]["min"], expected[name]["max"]], name)
                for run in runs.values():
                    self.assertEqual(run["checks"]["violations"], [])
                    self.assertEqual([metric(run, "alloc.failed_count"), metric(run, "leak.count")], [0, 0])

    def test_replays_elsewhere(self):
        for file in RECORDINGS:
            with self.subTest(file.stem):
                self.run_program("run", file.stem, "--device", SIMULATED, "--strategy", "vma,core-default", "--check", "-q", "-o", "r.json")
