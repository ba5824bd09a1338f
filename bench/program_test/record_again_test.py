"""Record, replay as it was, record that: the same trace but for timing and what the harness adds.

What differs, and is left out of the comparison: names and lanes, which an ordered replay has none of; usages for transfers and
the staging buffers of uploads; writes and reads, which need no call where memory is coherent; uploads, which fill images whole;
submissions of copies, each a frame to the layer; and that the replay frees at its end what the program left."""
from program import BUFFER, FRAME, PROGRAM, RECORDINGS, SIMULATED, ProgramTest, scenario_of
from record_test import RECORDED, Recording

STAGING = ["transfer_src", "transfer_dst"]


def described(creation):
    """What a program asked for."""
    kept = {key: value for key, value in creation.items() if key not in ("id", "alias_of", "tag", "lane", "comment")}
    return {**kept, "usage": [usage for usage in kept["usage"] if usage not in STAGING]}


class Memory:
    """Creations and frees of a recording in their order, with the blocks that came and went beside them."""

    def __init__(self, recording):
        self.creations = []  # (id, event, block, offset)
        self.frees = []  # (how many were created before, id)
        self.blocks = recording.blocks
        created_before = [0]
        places = {event: place for event, *place in recording.placements}
        for number, event in enumerate(recording.events):
            if event["op"] in ("buffer", "image"):
                self.creations.append((event["id"], event, *places[number]))
            elif event["op"] == "free":
                self.frees += [(len(self.creations), gone) for gone in event.get("ids", [event.get("id")])]
            created_before.append(len(self.creations))
        self.allocated = {block: created_before[event] for block, (_, _, event) in enumerate(recording.blocks)}
        self.freed = {block: created_before[row[0]] for block, row in recording.freed.items()}
        used = {block for _, _, block, _ in self.creations}
        self.unused = sorted(block[:2] for number, block in enumerate(recording.blocks) if number not in used)


class RecordAgainTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.needs_lavapipe()

    def again(self, trace):
        """The recordings of a trace and of its replay."""
        self.run_program("record", "-o", "again.jsonl.zst", "--frame-on", "submit", "--", PROGRAM, "run", trace, "--strategy",
                         "recorded", "--device", "cpu", "--repeat", "1", "--timing", "off", "--mark-frames", "-q", "-o", "r.json")
        self.report("r.json")
        return Recording(trace), Recording(self.folder / "again.jsonl.zst")

    def assert_same_memory(self, first, second):
        """Every creation where it was, every free and every block between the same ones; else there is only staging."""
        first, second = Memory(first), Memory(second)
        ids, blocks, before = {}, {}, [0]  # of the second in the first; how many are the program's of so many
        for name, event, block, offset in second.creations:
            wanted = first.creations[len(ids)] if len(ids) < len(first.creations) else None
            if wanted and described(wanted[1]) == described(event) and wanted[3] == offset and blocks.get(block, wanted[2]) == wanted[2] \
                    and ids.get(event.get("alias_of")) == wanted[1].get("alias_of"):
                ids[name] = wanted[0]
                blocks[block] = wanted[2]
            else:
                self.assertEqual([event["op"], event["usage"]], ["buffer", STAGING], f"not {wanted}")
            before.append(len(ids))
        self.assertEqual(len(ids), len(first.creations))
        left = set(ids.values()) - {name for _, name in first.frees}
        frees = [(before[count], ids[name]) for count, name in second.frees if name in ids]
        self.assertEqual([free for free in frees if free[1] not in left], first.frees)
        self.assertEqual(len(set(blocks.values())), len(blocks))
        self.assertEqual(second.unused, first.unused)
        for block, known in blocks.items():
            self.assertEqual(second.blocks[block][:2], first.blocks[known][:2])
            self.assertEqual(before[second.allocated[block]], first.allocated[known])
            if known in first.freed:
                self.assertEqual(before[second.freed[block]], first.freed[known])

    def test_without_copies_it_is_the_same_trace(self):
        """Frames too, by what `--mark-frames` submits."""
        if not RECORDED.exists():
            self.skipTest("built without the program that is recorded")
        self.run_program("record", "-o", "t.jsonl.zst", "--", RECORDED, "frames")
        first, second = self.again(self.folder / "t.jsonl.zst")
        self.assertEqual(second.header, first.header)
        self.assertEqual(second.events, first.events)
        self.assertEqual(len(second.of("frame")), 11)
        self.assertEqual([second.blocks, second.placements, second.freed], [first.blocks, first.placements, first.freed])
        self.assertTrue(second.is_whole)

    def test_a_report_tells_of_marks(self):
        """Simulated devices have no layers, and get none."""
        scenario = self.write("s.json", scenario_of([FRAME, BUFFER, FRAME, {"op": "free", "id": 1}]))
        for device, options, marked in ("cpu", ["--mark-frames"], True), ("cpu", [], False), (SIMULATED, ["--mark-frames"], False):
            for lanes in ("ordered", "concurrent"):
                self.run_program("run", scenario, "--device", device, "--strategy", "dedicated", "--repeat", "1", "--replay", lanes,
                                 *options, "-q", "-o", "r.json")
                codes = [warning["code"] for warning in self.report("r.json")["quality"]["warnings"]]
                self.assertEqual("frames_marked" in codes, marked)

    def test_everything(self):
        if not RECORDED.exists():
            self.skipTest("built without the program that is recorded")
        self.run_program("record", "-o", "t.jsonl.zst", "--", RECORDED, "everything")
        first, second = self.again(self.folder / "t.jsonl.zst")
        self.assert_same_memory(first, second)
        sizes = [copy["size"] for copy in second.of("copy")]
        self.assertEqual([size for size in sizes if size in (4096, 1024)], [4096, 4096, 1024])

    def test_shipped_recordings(self):
        for file in RECORDINGS:
            with self.subTest(file.stem):
                self.assert_same_memory(*self.again(file.with_suffix(".jsonl.zst")))
