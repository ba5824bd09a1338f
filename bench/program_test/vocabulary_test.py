"""What traces of real programs ask for, replayed by every strategy: served, stood in for, or refused with the reason."""
import json

from program import FRAME, ProgramTest, metric, profile_of, scenario_of

BUFFER = {"op": "buffer", "size": 65536, "usage": "storage_buffer", "memory": "device"}
IMAGE = {"op": "image", "format": "R8G8B8A8_UNORM", "extent": [256, 256], "usage": "sampled", "memory": "device"}
GIB = 1 << 30

# By what they are about; each event has its own id.
EVENTS = {
    "a pool of the program's": {"op": "pool", "pool": "mine", "block_size": "1 MiB", "max_blocks": 2, "order": "ring"},
    "usages of extensions": {**BUFFER, "usage": ["acceleration_structure_storage", "shader_device_address"]},
    "usages by number": {**BUFFER, "usage": 0x20020},
    "properties of memory": {**BUFFER, "memory": {"required": ["host_visible"], "preferred": ["host_cached"], "avoid": "device_local"}},
    "a memory type": {**BUFFER, "memory": {"type": 0}},
    "memory of its own": {**BUFFER, "dedicated": True, "priority": 1},
    "exported memory": {**BUFFER, "export_handles": "opaque_fd"},
    "an exported image": {**IMAGE, "dedicated": True, "export_handles": ["opaque_fd"]},
    "several exported at once": {"op": "batch", "ids": ["x", "y"], "sizes": [4096, 4096], "usage": "storage_buffer", "memory": "device",
                                 "export_handles": "opaque_fd"},
    "planes": {**IMAGE, "format": "G8_B8R8_2PLANE_420_UNORM", "extent": [1280, 720]},
    "a cube": {**IMAGE, "layers": 6, "flags": ["cube_compatible", "mutable_format"], "view_formats": ["R8G8B8A8_UNORM", "R8G8B8A8_SRGB"]},
    "a line": {**IMAGE, "type": "1d", "extent": [1024, 1]},
    "a modifier": {**IMAGE, "drm_modifier": 0},
    "three components": {**IMAGE, "format": "R8G8B8_UNORM"},
    "a buffer of the pool": {**BUFFER, "usage": "uniform_buffer", "memory": "dynamic", "pool": "mine"},
    "protected memory": {**BUFFER, "flags": "protected"},
    "devices of a group": {**BUFFER, "device_mask": 3},
    "sparse memory": {**IMAGE, "mips": 9, "flags": ["sparse_binding", "sparse_residency"]},
    "a sparse buffer": {**BUFFER, "size": 300000, "flags": ["sparse_binding", "sparse_residency"]},
    "planes apart": {**IMAGE, "format": "G8_B8R8_2PLANE_420_UNORM", "flags": "disjoint"},
}
# What is bound in parts: 5 pages of 128 x 128 texels, then a tail of one; 5 pages of which the last is not whole; planes of 64 and 32 KiB.
PARTS = [
    {"op": "sparse_bind", "id": "pages", "of": "sparse memory", "offset": 0, "size": 131072},
    {"op": "sparse_bind", "id": "the tail", "of": "sparse memory", "offset": 327680, "size": 65536},
    {"op": "sparse_bind", "id": "the last page", "of": "a sparse buffer", "offset": 262144, "size": 37856},
    {"op": "sparse_bind", "id": "the first pages", "of": "a sparse buffer", "offset": 0, "size": 131072},
    {"op": "bind_plane", "id": "luma", "of": "planes apart", "plane": 0},
    {"op": "bind_plane", "id": "chroma", "of": "planes apart", "plane": 1},
]


def vocabulary():
    events = [event if event["op"] in ("pool", "batch") else {**event, "id": name} for name, event in EVENTS.items()]
    uses = [
        {"op": "range", "id": "a buffer of the pool", "offset": 0, "size": 100},
        {"op": "range", "id": "a buffer of the pool", "offset": 100, "size": 100},
        {"op": "write", "id": "properties of memory", "offset": 0, "size": 65536},
        {"op": "upload", "id": "three components", "size": 4096},
        {"op": "upload", "id": "planes", "size": 1280 * 720 * 3 // 2},
        {"op": "resize", "id": "properties of memory", "size": 131072},
        *PARTS, {"op": "touch", "ids": ["sparse memory", "pages"]},
        {"op": "defragment"}, FRAME, FRAME,
        {"op": "free", "ids": ["pages", "a sparse buffer", "luma"]}, FRAME,
        {"op": "sparse_bind", "id": "pages", "of": "sparse memory", "offset": 65536, "size": 65536},
        {"op": "free", "id": "the first pages"}, FRAME,
        {"op": "free", "ids": ["exported memory", "a cube"]}, FRAME,
    ]
    return scenario_of([FRAME, *events, *uses], frames_in_flight=1)


EXPORTED = {**BUFFER, "id": 1, "export_handles": "opaque_fd"}
RESIZE = {"op": "resize", "id": 1, "size": 131072}
# What random stress broke once: devices, and the events.
BROKEN = {
    "a batch of exported memory": ("sim:nvidia-rtx-3090", [{**EVENTS["several exported at once"], "ids": [1], "sizes": [1]}]),
    "an exported image in mapped memory": ("sim:nvidia-rtx-3090", [{**IMAGE, "id": 1, "memory": "upload", "export_handles": "opaque_fd"}]),
    "exported memory of a pool": ("sim:nvidia-rtx-3090", [EVENTS["a pool of the program's"], {**EXPORTED, "pool": "mine"}]),
    "a pool on a tiny device": ("hostile:heaps-1b", [EVENTS["a pool of the program's"], {**BUFFER, "id": 1, "pool": "mine"}]),
    "a resize in memory by properties": ("sim:nvidia-rtx-3090", [
        {**BUFFER, "id": 1, "memory": {"required": ["host_visible", "host_cached"]}}, RESIZE,
        {"op": "write", "id": 1, "offset": 0, "size": 1}]),
    "a resize after a refusal": ("sim:nvidia-rtx-3090", [
        {**BUFFER, "id": 1, "memory": {"required": ["device_local", "host_cached"]}, "on_refusal": ["halve", "host", "host"]}, RESIZE]),
    "a resize of memory of its own": ("sim:nvidia-rtx-3090", [
        {**BUFFER, "id": 1, "dedicated": True}, {"op": "upload", "id": 1, "size": 65536}, RESIZE, {"op": "bind", "id": 1}, RESIZE]),
    "an address in memory without": ("sim:nvidia-rtx-3090", [
        {**BUFFER, "id": 1, "dedicated": True}, {**BUFFER, "id": 2, "usage": "shader_device_address", "alias_of": 1}]),
    "a resize that evicts what it resizes": ("hostile:one-allocation", [
        {**BUFFER, "id": 1, "dedicated": True, "evictable": True}, FRAME, FRAME, RESIZE]),
}


KIB = 1 << 10
MIB = 1 << 20
# Pairs of images that are alike, and the bytes of one: mips and layers, planes, blocks, depth, and what the host maps.
COPIED = {
    "mips": ({**IMAGE, "extent": [100, 60], "mips": 7, "layers": 2}, 2 * 4 * (6000 + 1500 + 375 + 84 + 18 + 3 + 1)),
    "planes": ({**IMAGE, "format": "G8_B8R8_2PLANE_420_UNORM", "extent": [640, 360]}, 640 * 360 * 3 // 2),
    "blocks": ({**IMAGE, "format": "BC7_UNORM_BLOCK", "extent": [120, 64], "mips": 3}, 16 * (30 * 16 + 15 * 8 + 8 * 4)),
    "depth": ({**IMAGE, "format": "D32_SFLOAT", "extent": [96, 64], "usage": "depth_stencil_attachment"}, 4 * 96 * 64),
    "a volume": ({**IMAGE, "extent": [16, 16, 16], "mips": 5}, 4 * (4096 + 512 + 64 + 8 + 1)),
    "mapped texels": ({**IMAGE, "extent": [64, 64], "memory": "dynamic", "tiling": "linear"}, 4 * 64 * 64),
}


def copies(names):
    """From an uploaded buffer through two images to one that the host reads; objects move, and copies go on. What was never
    filled is copied too. Returns the events and the bytes of all uploads and copies."""
    events, total = [FRAME, {**BUFFER, "id": "hole", "size": 4 * MIB}], 0
    for name, (image, size) in ((name, COPIED[name]) for name in names):
        first = image["extent"][0] * image["extent"][1]  # texels of the first mip, or of its first slice, or of the first plane
        buffer = {**BUFFER, "size": size}
        events += [
            {**buffer, "id": f"{name}: from"}, {**image, "id": f"{name}: one"}, {**IMAGE, "id": f"{name}: hole", "extent": [512, 512]},
            {**image, "id": f"{name}: other"}, {**buffer, "id": f"{name}: to", "memory": "readback"},
            {**image, "id": f"{name}: never filled"},
            {"op": "upload", "id": f"{name}: from", "size": size},
            {"op": "copy", "from": f"{name}: never filled", "to": f"{name}: one", "size": size},
            {"op": "copy", "from": f"{name}: from", "to": f"{name}: one", "size": size},
            {"op": "copy", "from": f"{name}: one", "to": f"{name}: other", "size": size},
            {"op": "copy", "from": f"{name}: other", "to": f"{name}: to", "size": size},
            {"op": "read", "id": f"{name}: to", "offset": 0, "size": size}, FRAME,
            {"op": "copy", "from": f"{name}: other", "to": f"{name}: one", "size": 1},  # its first mip or plane
        ]
        part = {"planes": first, "blocks": first}.get(name, 4 * first * (image["extent"] + [1])[2])
        total += 5 * size + part
    events += [FRAME, {"op": "free", "ids": ["hole", *(f"{name}: hole" for name in names)]}, FRAME, {"op": "defragment"}, *[FRAME] * 8]
    for name in names:
        size = COPIED[name][1]
        events += [{"op": "copy", "from": f"{name}: one", "to": f"{name}: to", "size": size},
                   {"op": "read", "id": f"{name}: to", "offset": 0, "size": size}]
        total += size
    return [*events, FRAME], total


# A buffer spans a chunk, which goes before what lies in it: beside and over each other, and aliases of aliases.
CHUNK = [
    FRAME,
    {**BUFFER, "id": "chunk", "size": 4 << 20},
    *({**IMAGE, "id": f"image {i}", "alias_of": "chunk", "alias_offset": i << 19} for i in range(6)),
    {**BUFFER, "id": "over two", "size": 600 * KIB, "alias_of": "image 1", "alias_offset": 256 * KIB},
    {**BUFFER, "id": "small", "size": 100, "alias_of": "over two", "alias_offset": 300 * KIB},
    {"op": "upload", "id": "chunk", "size": 4 << 20},
    {"op": "upload", "id": "image 0", "size": 256 * KIB},
    {"op": "upload", "id": "small", "size": 100},
    FRAME,
    {"op": "free", "ids": ["chunk", "image 1"]},
    FRAME, FRAME,
    {**BUFFER, "id": "chunk", "size": 4 << 20},
    {"op": "upload", "id": "chunk", "size": 4 << 20},
    {**BUFFER, "id": "late", "size": 64 * KIB, "alias_of": "small", "alias_offset": 64 * KIB - 44 * KIB},
    {"op": "free", "ids": ["over two", *(f"image {i}" for i in (0, 2, 3, 4, 5))]},
    FRAME, FRAME,
    {"op": "copy", "from": "small", "to": "chunk", "size": 100},
    {"op": "free", "ids": ["small", "late"]},
    FRAME, FRAME,
]


class VocabularyTest(ProgramTest):
    def replay(self, *arguments):
        self.run_program("run", self.write("v.json", vocabulary()), "--strategy", "all", "--check", *arguments, "-o", "r.json", "-q")
        report = self.report("r.json")
        for run in report["runs"]:
            with self.subTest(run["strategy"]["name"]):
                self.assertEqual(run["checks"]["violations"], [])
                self.assertEqual(metric(run, "leak.count"), 0)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertEqual(metric(run, "range.count"), 2)
                self.assertEqual(metric(run, "range.bytes"), 200)
        return report

    def reasons(self, report):
        return json.dumps(report["runs"][-1]["events"])

    def test_discrete(self):
        report = self.replay("--device", "sim:nvidia-rtx-3090")
        run = report["runs"][-1]
        self.assertEqual(metric(run, "alloc.unsupported_count"), 2)
        # 100 bytes at alignments of 64: 28 bytes each; the second does not begin at such a multiple.
        self.assertEqual(metric(run, "range.padding_bytes"), 56)
        self.assertEqual(metric(run, "range.misaligned_count"), 1)
        for reason in ("has no protected memory", "is no group of devices"):
            self.assertIn(reason, self.reasons(report))
        self.assertIn({"asked": "R8G8B8_UNORM 256x256x1, mips 1, layers 1, samples 1, optimal", "taken": "R8G8B8A8_UNORM"},
                      report["scenario"]["substitutions"])

    def test_integrated(self):
        report = self.replay("--device", "sim:intel-iris-xe")
        # Protected memory is there; two sparse resources are not, nor the memory of their pages, five times.
        self.assertEqual(metric(report["runs"][-1], "alloc.unsupported_count"), 1 + 2 + 5)
        self.assertIn("binds no sparse memory", self.reasons(report))
        asked = [pair["asked"] for pair in report["scenario"]["substitutions"]]
        self.assertIn("usage acceleration_structure_storage_khr (feature acceleration_structure)", asked)

    def test_lavapipe_under_validation(self):
        self.needs_lavapipe()
        if "validation layer installed" not in self.run_program("doctor").out:
            self.skipTest("no validation layer")
        self.replay("--device", "cpu", "--validation")

    def test_no_substitute(self):
        self.run_program("run", self.write("v.json", vocabulary()), "--strategy", "core-default", "--device", "sim:intel-iris-xe",
                         "--no-substitute", "-o", "r.json", "-q")
        report = self.report("r.json")
        self.assertEqual(report["scenario"]["substitutions"], [])
        self.assertEqual(metric(report["runs"][0], "alloc.unsupported_count"), 2 + 1 + 2 + 5)
        self.assertIn("lacks usage acceleration_structure_storage_khr (feature acceleration_structure)", self.reasons(report))

    def check_chunk(self, device, *arguments):
        scenario = self.write("chunk.json", scenario_of(CHUNK, frames_in_flight=1))
        self.run_program("run", scenario, "--strategy", "all", "--check", "--device", device, *arguments, "-o", "r.json", "-q")
        report = self.report("r.json")
        for run in report["runs"]:
            with self.subTest(device, strategy=run["strategy"]["name"]):
                self.assertEqual(run["checks"]["violations"], [])
                self.assertEqual(metric(run, "leak.count"), 0)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertEqual(metric(run, "mem.requested_peak_bytes"), 8 << 20)  # the first chunk stays for what is in it
        return report

    def test_a_chunk_and_what_lies_in_it(self):
        for device in ("sim:nvidia-rtx-3090", "sim:intel-iris-xe", "hostile:granularity-1m"):
            report = self.check_chunk(device)
        report = self.check_chunk("sim:nvidia-rtx-3090")
        reserved = {run["strategy"]["name"]: metric(run, "mem.reserved_peak_bytes") for run in report["runs"]}
        self.assertEqual(reserved["dedicated"], 8 << 20)

    def test_small_chunks_suit_what_lies_in_them(self):
        """Among buffers of any size, where nothing lies on a page but for those who ask."""
        events = [FRAME]
        for chunk in range(6):
            events += [{**BUFFER, "id": f"beside {chunk}", "size": 1000 + 300 * chunk}, {**BUFFER, "id": f"chunk {chunk}", "size": MIB}]
            events += [{**IMAGE, "extent": [128, 128], "id": f"image {chunk}.{i}", "alias_of": f"chunk {chunk}", "alias_offset": i << 17}
                       for i in range(8)]
        scenario = self.write("chunks.json", scenario_of([*events, FRAME], frames_in_flight=0))
        for device in ("sim:nvidia-rtx-3090", "sim:amd-rx-6600"):
            self.run_program("run", scenario, "--strategy", "dedicated,vma,core-default,core-memory,core-pools", "--check",
                             "--device", device, "-o", "r.json", "-q")
            self.assertNotIn("alias_not_shared", [warning["code"] for warning in self.report("r.json")["quality"]["warnings"]])

    def test_a_chunk_on_lavapipe_under_validation(self):
        self.needs_lavapipe()
        if "validation layer installed" not in self.run_program("doctor").out:
            self.skipTest("no validation layer")
        self.check_chunk("cpu", "--validation")

    def ask(self, event, device):
        scenario = scenario_of([FRAME, {**event, "id": 1}, {"op": "upload", "id": 1, "size": event["size"]}, FRAME, FRAME])
        self.run_program("run", self.write("v.json", scenario), "--strategy", "dedicated,vma,core-default", "--device", device,
                         "-o", "r.json", "-q")
        return self.report("r.json")["runs"]

    def test_parts_are_what_strategies_serve(self):
        events = [{**EVENTS[name], "id": name} for name in ("sparse memory", "a sparse buffer", "planes apart")]
        scenario = scenario_of([FRAME, *events, *PARTS, FRAME, {"op": "free", "ids": ["the last page", "luma", "chroma"]}, FRAME])
        self.run_program("run", self.write("v.json", scenario), "--strategy", "dedicated,vma,core-default", "--check",
                         "--device", "sim:nvidia-rtx-3090", "-o", "r.json", "-q")
        runs = self.report("r.json")["runs"]
        for run in runs:
            with self.subTest(run["strategy"]["name"]):
                # The planes of 256 x 256 are 64 KiB and 32 KiB.
                self.assertEqual(metric(run, "mem.required_peak_bytes"), 6 * 65536 + 65536 + 32768)
                self.assertEqual(metric(run, "mem.requested_peak_bytes"), 131072 + 65536 + 37856 + 131072 + 65536 + 32768)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
        self.assertEqual(metric(runs[0], "api.allocate_memory_count"), len(PARTS))

    def test_planes_are_copied_and_move(self):
        formats = ("G8_B8R8_2PLANE_420_UNORM", "G8_B8_R8_3PLANE_420_UNORM", "G8_B8_R8_3PLANE_444_UNORM")
        events = [FRAME]
        for image in range(1, 61):
            events.append({**IMAGE, "id": image, "format": formats[image % 3], "extent": [640, 360]})
            # All planes, or the first.
            events.append({"op": "upload", "id": image, "size": 640 * 360 * 3 // 2 if image % 4 else 1})
        events += [FRAME, {"op": "free", "ids": [image for image in range(1, 61) if image % 7 != 0]}]
        events += [FRAME, FRAME, FRAME, {"op": "defragment"}] + [FRAME] * 8
        scenario = self.write("planes.json", scenario_of(events, frames_in_flight=1))
        for device in ("sim:nvidia-rtx-3090", "sim:intel-iris-xe"):
            self.run_program("run", scenario, "--strategy", "dedicated,vma,vma-blocks-16m,core-default,core-pools", "--check",
                             "--device", device, "-o", "r.json", "-q")
            for run in self.report("r.json")["runs"]:
                with self.subTest(device, strategy=run["strategy"]["name"]):
                    self.assertEqual(run["checks"]["violations"], [])
                    self.assertEqual(metric(run, "alloc.failed_count"), 0)
                    if run["strategy"]["name"] != "dedicated":
                        self.assertGreater(metric(run, "defrag.moves_count"), 0)

    def check_copies(self, device, names, *arguments):
        events, total = copies(names)
        scenario = self.write("copies.json", scenario_of(events, frames_in_flight=1))
        self.run_program("run", scenario, "--strategy", "all", "--check", "--device", device, *arguments, "-o", "r.json", "-q")
        for run in self.report("r.json")["runs"]:
            with self.subTest(device, strategy=run["strategy"]["name"]):
                self.assertEqual(run["checks"]["violations"], [])
                self.assertEqual(metric(run, "leak.count"), 0)
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertEqual(metric(run, "alloc.unsupported_count"), 0)
                self.assertIsNone(metric(run, "alloc.skipped_count", {"cause": "unsupported"}))
                self.assertEqual(metric(run, "copy.bytes"), 0 if run["strategy"]["name"] == "null" else total)
                if run["strategy"]["name"] == "vma":
                    self.assertGreater(metric(run, "defrag.moves_count"), 0)

    def test_images_are_copied(self):
        for device in ("sim:nvidia-rtx-3090", "sim:intel-iris-xe"):
            self.check_copies(device, list(COPIED))

    def test_images_are_copied_on_lavapipe_under_validation(self):
        self.needs_lavapipe()
        if "validation layer installed" not in self.run_program("doctor").out:
            self.skipTest("no validation layer")
        self.check_copies("cpu", [name for name in COPIED if name != "planes"], "--validation")  # whose format it lacks

    def test_halves_what_is_refused(self):
        for run in self.ask({**BUFFER, "size": 18 * GIB, "on_refusal": ["halve"] * 3}, "sim:nvidia-rtx-3090"):
            with self.subTest(run["strategy"]["name"]):
                self.assertEqual(metric(run, "alloc.failed_count"), 0)
                self.assertEqual(metric(run, "alloc.asked_again_count"), 3)  # 4 GiB is the most of one allocation
                self.assertEqual(metric(run, "mem.reserved_peak_bytes"), 18 * GIB // 8)
                self.assertEqual(metric(run, "mem.requested_peak_bytes"), 18 * GIB)  # the trace's, whatever the strategy

    def test_goes_where_there_is_room(self):
        profile = profile_of()
        for heap in profile["heaps"]:
            if "device_local" in heap["flags"]:
                heap["size_bytes"] = heap["budget_bytes"] = 1 << 20
        device = "sim:" + self.write("small.json", profile)
        for run in self.ask({**BUFFER, "size": 8 << 20, "on_refusal": "host"}, device):
            with self.subTest(run["strategy"]["name"]):
                self.assertEqual(metric(run, "alloc.failed_count"), 0)

    def test_gives_up(self):
        for run in self.ask({**BUFFER, "size": 18 * GIB, "on_refusal": ["halve", "host"]}, "sim:nvidia-rtx-3090"):
            with self.subTest(run["strategy"]["name"]):
                self.assertEqual(metric(run, "alloc.failed_count"), 1)
                self.assertEqual(metric(run, "alloc.asked_again_count"), 2)

    def test_what_stress_broke(self):
        for name, (device, events) in BROKEN.items():
            strategies = "dedicated,core-default,core-tiers,core-arenas"
            if device != "hostile:heaps-1b":  # where the blocks of the others fit nowhere
                strategies += ",vma,core-memory,core-pools"
            with self.subTest(name):
                self.run_program("run", self.write("v.json", scenario_of([*events, FRAME], frames_in_flight=0)), "--check",
                                 "--strategy", strategies, "--device", device, "-o", "r.json", "-q")
