"""Recordings of other tools: imported, refused, and named to whoever gives them to another command."""
import json
import os
import pickle
import subprocess
import sys

from program import SIMULATED, SOURCE, ProgramTest, posix_only, validator

SAMPLES = SOURCE / "scenarios" / "importers" / "samples"
SNAPSHOT = {"segments": [], "device_traces": [[{"action": "alloc", "addr": 4096, "size": 512}, {"action": "free_completed", "addr": 4096, "size": 512}]]}


class ImportTest(ProgramTest):
    def test_every_sample_is_imported_and_replayed(self):
        schema = validator("trace")
        for sample in sorted(SAMPLES.iterdir()):
            with self.subTest(sample.name):
                said = self.run_program("import", sample, "-o", "t.jsonl").err
                counts = ", ".join(rf"(1 {noun}|(?!1 )\d+ {noun}s)" for noun in ("event", "object", "frame", "lane"))
                self.assertRegex(said, rf"(\A|\n){counts}, hash [0-9a-f]{{16}}: t\.jsonl\n\Z")
                lines = (self.folder / "t.jsonl").read_text().splitlines()
                for line in lines:
                    self.assertEqual([error.message for error in schema.iter_errors(json.loads(line))], [])
                valid = self.run_program("validate", "t.jsonl").out
                self.assertEqual(valid.split("hash ")[1].split()[0].rstrip(","), said.split("hash ")[1].split(":")[0])
                self.run_program("run", "t.jsonl", "--device", SIMULATED, "--strategy", "vma,core-default", "--check", "-q", "-o", "r.json")
                self.report("r.json")

    def test_compressed_and_to_stdout(self):
        sample = SAMPLES / "rmm.csv"
        self.run_program("import", sample, "-o", "t.jsonl.zst")
        plain = self.run_program("import", sample, "-o", "-").out
        self.write("p.jsonl", plain)
        hashes = {self.run_program("validate", name).out.split("hash ")[1] for name in ("t.jsonl.zst", "p.jsonl")}
        self.assertEqual(len(hashes), 1)

    def test_other_commands_name_the_one_that_imports(self):
        files = [(sample, f"`vkmembench import {sample} -o trace.jsonl`") for sample in sorted(SAMPLES.iterdir())]
        snapshot = self.write("snapshot.pickle", pickle.dumps(SNAPSHOT))
        files.append((snapshot, f"`python3 -m vkmembench.importers {snapshot} -o trace.jsonl`"))
        for file, command in files:
            with self.subTest(file):
                if not str(file).endswith(".jsonl"):  # which is read as a trace
                    self.assert_refused("run", file, "--device", SIMULATED, says=[command])
                self.assert_refused("validate", file, says=[command])
        self.assert_refused("import", snapshot, "-o", "t.jsonl", says=["PyTorch", "python3 -m vkmembench.importers"])
        self.assert_refused("run", SAMPLES / "gfxreconstruct.jsonl", "--device", SIMULATED, says=["vkmembench import"])

    def test_refused_and_nothing_written(self):
        sample = SAMPLES / "rmm.csv"
        log = "Thread,Time,Action,Pointer,Size,Stream\n1,0,allocate,0x1,4,0\n"
        for typed, says in {
            ("import", self.write("a.txt", "hello\n"), "-o", "t.jsonl"): ["list importers"],
            ("import", self.write("b", log + "1,0,free,0x7,4,0\n"), "-o", "t.jsonl"): ["b:3: free of object 0x7", "--begun-late"],
            ("import", self.write("c", log + "1,0,fre"), "-o", "t.jsonl"): ["c:3:", "it may be cut"],
            ("import", self.write("d.zst", b"\x28\xb5\x2f\xfdxx"), "-o", "t.jsonl"): ["d.zst"],
            ("import", sample, "-o", "t.json"): ["ends in .jsonl"],
            ("import", sample, "--from", "minimalloc", "-o", "t.jsonl"): ["column 'id'"],
            ("import", sample, "--from", "rm", "-o", "t.jsonl"): ["did you mean 'rmm'"],
            ("import", sample, "--lanes", "2001,x", "-o", "t.jsonl"): ["--lanes 2001,x"],
            ("import", sample, "--lanes", "7", "-o", "t.jsonl"): ["thread 7"],
            ("import", "none.csv", "-o", "t.jsonl"): ["none.csv: no such file"],
            ("import", self.folder, "-o", "t.jsonl"): ["is a folder"],
        }.items():
            with self.subTest(typed):
                self.assert_refused(*typed, says=says)
        same = self.write("same.jsonl", (SAMPLES / "gfxreconstruct.jsonl").read_text())
        self.assert_refused("import", same, "-o", same, says=["overwrite the input"])

    def test_what_is_left_out_is_said(self):
        said = self.run_program("import", SAMPLES / "vma-replay.csv", "-o", "t.jsonl").err
        self.assertIn("left out: 1 × vmaCreateLostAllocation, which no longer exists\n", said)
        self.assertEqual(self.run_program("import", SAMPLES / "vma-replay.csv", "-o", "t.jsonl", "-q").err, "")

    def test_lanes(self):
        def lanes(*options):
            return self.run_program("import", SAMPLES / "rmm.csv", "-o", "t.jsonl", *options).err.split(" lane")[0].split()[-1]
        self.assertEqual([lanes(), lanes("--lanes", "one"), lanes("--lanes", "2002")], ["2", "1", "2"])

    def peak_of(self, file, output, code=0):
        """Bytes that the process of an import had in memory at most, and its stderr."""
        process = self.start("import", file, "-o", output)
        with process.stdout, process.stderr:
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, code, said)
        return usage.ru_maxrss * 1024, said

    def test_a_gigabyte_without_a_line_takes_no_memory(self):
        path = self.folder / "long.csv"
        path.write_bytes(b"Thread,Time,Action,Pointer,Size,Stream\n1,")
        os.truncate(path, 1 << 30)
        peak, said = self.peak_of(path, "t.jsonl", code=2)
        self.assert_one_line(said, "long.csv:2", "8 MiB")
        self.assertLess(peak, 64 << 20)
        self.assertFalse((self.folder / "t.jsonl").exists())

    @posix_only
    def test_memory_beyond_the_trace_is_bounded(self):
        events = 500_000
        with (self.folder / "log.csv").open("w", encoding="utf-8") as log:
            log.write("Thread,Time,Action,Pointer,Size,Stream\n")
            for i in range(events // 2):
                log.write(f"1,0,allocate,{i * 16 + 16:#x},{i % 4096 + 1},0\n1,0,free,{i * 16 + 16:#x},{i % 4096 + 1},0\n")
        trace = events * 24 + events // 2 * (24 + 1 + 8)  # events, objects, and what the builder keeps of each
        self.assertLess(self.peak_of("log.csv", "/dev/null")[0], trace + (64 << 20))

    def test_minimalloc_goes_both_ways(self):
        self.run_program("import", SAMPLES / "minimalloc.csv", "-o", "t.jsonl")
        said = self.run_program("expand", "t.jsonl", "--format", "minimalloc", "-o", "p.csv").err
        self.assertIn("5 buffers, at least 12 bytes", said)
        again = self.run_program("import", "p.csv", "-o", "-").out
        self.run_program("import", "p.csv", "-o", "u.jsonl")
        self.run_program("expand", "u.jsonl", "--format", "minimalloc", "-o", "q.csv")
        self.assertEqual((self.folder / "p.csv").read_text(), (self.folder / "q.csv").read_text())
        self.assertIn('"op":"buffer"', again)

    def test_a_snapshot_of_a_run_goes_both_ways(self):
        """What `report --format vma` writes of a run is what VMA writes of itself."""
        self.run_program("run", "churn", "--set", "scale=0.1", "--device", SIMULATED, "--strategy", "vma", "-q", "-o", "r.json")
        self.run_program("report", "r.json", "--format", "vma", "-o", "s.json")
        total = json.loads((self.folder / "s.json").read_text())["Total"]
        self.run_program("import", "s.json", "-o", "t.jsonl")
        lines = [json.loads(line) for line in (self.folder / "t.jsonl").read_text().splitlines()]
        buffers = [line for line in lines if line.get("op") == "buffer"]
        self.assertGreater(len(buffers), 10)
        self.assertEqual(len(buffers), total["AllocationCount"])
        self.assertEqual(sum(buffer["size"] for buffer in buffers), total["AllocationBytes"])
        places = next(line for line in lines if "placements" in line)
        self.assertEqual(len(places["placements"]), len(buffers))
        self.assertEqual(sum(size for size, _ in places["blocks"]), total["BlockBytes"])

    def test_a_snapshot_of_pytorch(self):
        snapshot = self.write("s.pickle", pickle.dumps(SNAPSHOT))
        environment = {**os.environ, "PYTHONPATH": str(SOURCE / "reports" / "python")}
        subprocess.run([sys.executable, "-B", "-m", "vkmembench.importers", snapshot, "-o", "t.jsonl"], cwd=self.folder, check=True,
                       env=environment, capture_output=True, timeout=120)
        self.assertIn("trace, 3 events", self.run_program("validate", "t.jsonl").out)
        schema = validator("trace")
        for line in (self.folder / "t.jsonl").read_text().splitlines():
            self.assertEqual([error.message for error in schema.iter_errors(json.loads(line))], [])
