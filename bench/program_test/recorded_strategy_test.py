"""The strategy `recorded`: a program's own blocks and places, replayed as they were where that can be."""
import json
from unittest import mock

from program import BUFFER, FRAME, SOURCE, ProgramTest, metric, profile_of

MIB = 1 << 20
DEVICE = "nvidia-rtx-3090"
STORAGE = {**BUFFER, "usage": "storage_buffer"}
# A chunk with three buffers and an alias; mapped memory that is used again; a block of one image; a block of nothing.
EVENTS = [
    FRAME,
    {**STORAGE, "id": 1, "size": MIB},
    {**STORAGE, "id": 2, "size": MIB},
    {**STORAGE, "id": 3, "size": 4096, "alias_of": 2, "alias_offset": 65536},
    {**STORAGE, "id": 4, "size": 4096, "memory": "upload"},
    {"op": "upload", "id": 1, "size": MIB},
    {"op": "write", "id": 4, "offset": 0, "size": 4096},
    FRAME,
    {"op": "free", "id": 2},
    {"op": "upload", "id": 3, "size": 4096},
    {"op": "free", "id": 4},
    {**STORAGE, "id": 5, "size": 8192, "memory": "upload"},
    {"op": "write", "id": 5, "offset": 100, "size": 100},
    FRAME,
    {"op": "free", "ids": [1, 3, 5]},
    FRAME,
]
BLOCKS = [[4 * MIB, 1, 1], [64 * 1024, 3, 4], [MIB, 1, 6], [2 * MIB, 1, 8]]
PLACEMENTS = [[1, 0, MIB], [2, 0, 2 * MIB], [3, 0, 2 * MIB + 65536], [4, 1, 4096], [11, 1, 0]]
FREED = [[2, 8], [1, 18]]
# 4 MiB, 64 KiB and 1 MiB; the last goes when 2 MiB come.
PEAK = 4 * MIB + 64 * 1024 + 2 * MIB


class RecordedStrategyTest(ProgramTest):
    def trace(self, device=None, placements=PLACEMENTS):
        profile = profile_of(DEVICE)
        told = {"name": profile["name"], "heaps": [{"size_bytes": heap["size_bytes"], "flags": heap["flags"]} for heap in profile["heaps"]],
                "types": profile["types"]}
        header = {"schema": "vkmembench.trace/1", "frames_in_flight": 0, "recorder": "by hand", "device": device or told}
        lines = [header, *EVENTS]
        if placements:
            lines.insert(1, {"placements": placements, "blocks": BLOCKS, "freed": FREED})
        return self.write("t.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    def run_of(self, name, trace, device, *arguments):
        process = self.run_program("run", trace, "--strategy", "all", "--check", "--device", device, *arguments, "-o", "r.json")
        runs = {run["strategy"]["name"]: run for run in self.report("r.json")["runs"]}
        return runs.get(name), process

    def test_does_what_the_program_did(self):
        for lanes in ("ordered", "concurrent"):
            with self.subTest(lanes):
                run, _ = self.run_of("recorded", self.trace(), f"sim:{DEVICE}", "--replay", lanes)
                self.assertEqual(run["checks"]["violations"], [])
                self.assertEqual(metric(run, "leak.count"), 0)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
        run, _ = self.run_of("recorded", self.trace(), f"sim:{DEVICE}")
        self.assertEqual(metric(run, "api.allocate_memory_count"), len(BLOCKS))
        self.assertEqual(metric(run, "mem.reserved_peak_bytes"), PEAK)

    def test_memory_is_exported_whenever_it_was_allocated(self):
        """Two exported blocks were there before anything lay in them."""
        shared = {**STORAGE, "size": MIB, "export_handles": ["opaque_fd"]}
        events = [FRAME, {**shared, "id": 1}, {**shared, "id": 2}, FRAME, {"op": "free", "ids": [1, 2]}]
        with mock.patch.multiple(__name__, EVENTS=events, BLOCKS=[[MIB, 1, 0], [MIB, 1, 0]], FREED=[[0, 5], [1, 5]]):
            run, _ = self.run_of("recorded", self.trace(placements=[[1, 0, 0], [2, 1, 0]]), f"sim:{DEVICE}")
        self.assertEqual(run["checks"]["violations"], [])
        self.assertEqual(metric(run, "alloc.failed_count"), 0)
        self.assertEqual(metric(run, "api.allocate_memory_count"), 2)

    def test_is_left_out_elsewhere(self):
        for placements, says in ((PLACEMENTS, "other memory types than"), (None, "does not tell where")):
            trace = self.trace(placements=placements)
            run, process = self.run_of("recorded", trace, "sim:amd-rx-6600")
            self.assertIsNone(run)
            self.assertIn("strategy recorded is left out", process.err)
            self.assertIn(says, process.err)
            self.assert_refused("run", trace, "--strategy", "dedicated,recorded", "--device", "sim:amd-rx-6600", "-o", "s.json",
                                says=["strategy recorded", says])

    def test_is_no_strategy_of_what_nobody_recorded(self):
        process = self.run_program("run", "churn", "--set", "scale=0.01", "--device", "sim:amd-rx-6600", "-o", "r.json")
        self.assert_refused("run", "churn", "--set", "scale=0.01", "--strategy", "recorded", "--device", "sim:amd-rx-6600",
                            "-o", "s.json", says=["does not tell where"])
        self.assertNotIn("recorded", process.err)

    def test_of_what_others_recorded(self):
        """On a device that is made of what the recording tells of its own."""
        for sample in ("gfxreconstruct.jsonl", "vma-statistics.json"):
            with self.subTest(sample):
                self.run_program("import", SOURCE / "scenarios" / "importers" / "samples" / sample, "-o", "i.jsonl")
                lines = [json.loads(line) for line in (self.folder / "i.jsonl").read_text().splitlines()]
                blocks = [block for line in lines for block in line.get("blocks", [])]
                profile = profile_of("amd-rx-6600")
                device = lines[0]["device"]
                profile["heaps"] = [{**heap, "budget_bytes": heap["size_bytes"]} for heap in device["heaps"]]
                profile["types"] = device["types"]
                for rules in profile["requirements"].values():
                    for rule in rules:
                        rule["memory_types"] = list(range(len(device["types"])))
                run, _ = self.run_of("recorded", self.folder / "i.jsonl", "sim:" + self.write("d.json", profile))
                self.assertEqual(run["checks"]["violations"], [])
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertEqual(metric(run, "api.allocate_memory_count"), len(blocks))
                if not any("freed" in line for line in lines):
                    self.assertEqual(metric(run, "mem.reserved_peak_bytes"), sum(block[0] for block in blocks))
