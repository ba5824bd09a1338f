"""The table of bad inputs of every part: the files that there are, what is typed, the exit code, and what the line says.
A row is all there is to add for another."""
import itertools
import json
import signal
from dataclasses import dataclass, field

from program import BUFFER, FRAME, IMAGE, NO_DRIVERS, ON_POSIX, SIMULATED, SOURCE, UPLOAD, profile_of, scenario_of

HUGE = 2**64 - 1
SAMPLES = SOURCE / "reports" / "samples"
BEFORE, AFTER = SAMPLES / "regression" / "before.json", SAMPLES / "regression" / "after.json"
POLICY = SOURCE / "reports" / "gate.json"
FOLDER = object()  # instead of a file's content
RUN = ["--device", SIMULATED, "-q", "-o", "r.json"]


@dataclass(frozen=True)
class Bad:
    """One row. The exit is `code`, after one line that holds all of `says`; nothing is written unless `writes`."""
    name: str
    typed: list
    says: list
    code: int = 2
    files: dict = field(default_factory=dict)  # content by name
    writes: bool = False
    environment: dict = field(default_factory=dict)
    signal: int = 0  # sent while it works


def written(events):
    """A scenario of one event a line, the first in line 2."""
    return ('{"schema": "vkmembench.scenario/1", "name": "s", "workload": {"events": [\n' + ",\n".join(map(json.dumps, events)) + "]}}")


def run(*arguments):
    return ["run", *arguments, "--device", SIMULATED, "-o", "r.json"]


# Events of which the last is bad, and what the line says of it.
EVENTS = {
    "unknown op": ([{"op": "bufer"}], ["'bufer'", "did you mean 'buffer'"]),
    "no op": ([{"size": 1}], ["op"]),
    "unknown key": ([{**BUFFER, "sise": 1}], ["'sise'", "did you mean 'size'"]),
    "unknown usage": ([{**BUFFER, "usage": ["vertex_bufer"]}], ["'vertex_bufer'", "vertex_buffer"]),
    "unknown memory": ([{**BUFFER, "memory": "devise"}], ["'devise'", "device"]),
    "unknown kind": ([{**BUFFER, "kind": "vertx"}], ["kind 'vertx'", "did you mean 'vertex'"]),
    "unknown pool": ([{**BUFFER, "pool": "rign"}], ["pool 'rign'", "did you mean 'ring'"]),
    "unknown format": ([{**IMAGE, "format": "R8G8B8A8_UNROM"}], ["R8G8B8A8_UNROM"]),
    "formats of unequal blocks": ([{**IMAGE, "format": ["BC7_UNORM_BLOCK", "R8_UNORM"]}], ["differ in block size"]),
    "missing key": ([{"op": "buffer", "id": 1, "usage": ["vertex_buffer"], "memory": "device"}], ["size"]),
    "wrong type": ([{**BUFFER, "size": "big"}], ["size", "integer"]),
    "negative size": ([{**BUFFER, "size": -1}], ["size"]),
    "fractional size": ([{**BUFFER, "size": 1.5}], ["size"]),
    "alignment of no power of two": ([{**BUFFER, "align": 3}], ["align"]),
    "duplicate live id": ([BUFFER, BUFFER], ["object 1", "live already", "free it"]),
    "free of an unknown id": ([BUFFER, {"op": "free", "id": 7}], ["object 7", "not live"]),
    "double free": ([BUFFER, {"op": "free", "id": 1}, {"op": "free", "id": 1}], ["object 1", "not live"]),
    "write after free": ([UPLOAD, {"op": "free", "id": 1}, {"op": "write", "id": 1, "offset": 0, "size": 1}], ["object 1", "not live"]),
    "write beyond": ([UPLOAD, {"op": "write", "id": 1, "offset": 4000, "size": 97}], ["object 1", "97", "4096"]),
    "write that wraps": ([UPLOAD, {"op": "write", "id": 1, "offset": HUGE, "size": 2}], ["object 1", "4096"]),
    "write of nothing": ([UPLOAD, {"op": "write", "id": 1, "offset": 0, "size": 0}], ["object 1", "0 bytes", "at least 1"]),
    "read beyond": ([UPLOAD, {"op": "read", "id": 1, "offset": 4097, "size": 1}], ["object 1", "4096"]),
    "upload beyond": ([BUFFER, {"op": "upload", "id": 1, "size": 4097}], ["object 1", "4096"]),
    "upload to transient memory": ([{**BUFFER, "memory": "transient"}, {"op": "upload", "id": 1, "size": 1}], ["'transient'"]),
    "upload to samples": ([{**IMAGE, "samples": 4}, {"op": "upload", "id": 1, "size": 1}], ["multi-sampled", "no copies"]),
    "write on device memory": ([BUFFER, {"op": "write", "id": 1, "offset": 0, "size": 1}], ["object 1", "'device'", "upload"]),
    "read on device memory": ([BUFFER, {"op": "read", "id": 1, "offset": 0, "size": 1}], ["object 1", "'device'", "readback"]),
    "size 0": ([{**BUFFER, "size": 0}], ["size is 0", "at least 1"]),
    "size 2^64 - 1": ([{**BUFFER, "size": HUGE}], ["18446744073709551615", "smaller"]),
    "size 2^64": ([{**BUFFER, "size": HUGE + 1}], ["size"]),
    "resize to 2^64 - 1": ([BUFFER, {"op": "resize", "id": 1, "size": HUGE}], ["18446744073709551615"]),
    "resize of an image": ([IMAGE, {"op": "resize", "id": 1, "size": 1}], ["object 1", "only buffers"]),
    "resize of what is aliased": ([BUFFER, {**BUFFER, "id": 2, "alias_of": 1}, {"op": "resize", "id": 1, "size": 1}], ["object 1", "aliases it"]),
    "sum of sizes": ([{**BUFFER, "id": i, "size": 2**60} for i in range(16)], ["2^64"]),
    "image of 0 x 0": ([{**IMAGE, "extent": [0, 0, 1]}], ["extent 0x0x1", "at least 1"]),
    "image without height": ([{**IMAGE, "extent": [64]}], ["extent", "[width, height, depth]"]),
    "size of no unit": ([{**BUFFER, "size": "4 MB"}], ["size", "4 MiB"]),
    "size in parts of a byte": ([{**BUFFER, "size": "0.3 KiB"}], ["size", "0.3 KiB"]),
    "id of no letter": ([{**BUFFER, "id": ""}], ["id", "empty"]),
    "key of a later version": ([{**BUFFER, "memory_type": 6}], ["'memory_type'", "'buffer' takes", "alias_of"]),
    "usage of a later version": ([{**BUFFER, "usage": ["acceleration_structure_tomorrow"]}], ["there are", "indirect_buffer"]),
    "unknown property of memory": ([{**BUFFER, "memory": {"required": ["host_visble"]}}], ["did you mean 'host_visible'"]),
    "unknown key of memory": ([{**BUFFER, "memory": {"requires": ["host_visible"]}}], ["'requires'", "did you mean 'required'"]),
    "memory of no property": ([{**BUFFER, "memory": {}}], ["names no property"]),
    "priority above 1": ([{**BUFFER, "priority": 2}], ["'priority' 2 is not from 0 to 1"]),
    "handle type": ([{**BUFFER, "export_handles": "opaque"}], ["unknown handle type 'opaque'", "opaque_fd"]),
    "pool without a declaration": ([{**BUFFER, "pool": "mine"}], ["unknown pool 'mine'"]),
    "two pools of a name": ([{"op": "pool", "pool": "mine"}] * 2, ["pool 'mine' is there already", "; "]),
    "range beyond its buffer": ([BUFFER, {"op": "range", "id": 1, "offset": 4000, "size": 128}], ["4096"]),
    "upload of planes apart": ([{**IMAGE, "format": "G8_B8R8_2PLANE_420_UNORM", "flags": "disjoint"}, {"op": "upload", "id": 1, "size": 64}],
                               ["a disjoint object, which has no memory as a whole", "; "]),
    "turns of no repeat": ([{**FRAME, "times": 2}], ["'times'", "'repeat'"]),
    "image near 2^64 bytes": ([{**IMAGE, "extent": [2**32 - 1, 2**32 - 1, 1]}], ["extent"]),
    "mips above the maximum": ([{**IMAGE, "mips": 8}], ["mips 8", "from 1 to 7"]),
    "no mips": ([{**IMAGE, "mips": 0}], ["mips"]),
    "three samples": ([{**IMAGE, "samples": 3}], ["samples", "3"]),
    "linear tiling with mips": ([{**IMAGE, "mips": 2, "tiling": "linear"}], ["linear", "1 mip"]),
    "frame on another lane": ([{**FRAME, "lane": 1}], ["lane 1", "lane 0"]),
    "lane 65536": ([{**BUFFER, "lane": 65536}], ["lane"]),
    "batch of unequal lists": ([{"op": "batch", "ids": [1, 2], "sizes": [1], "usage": ["vertex_buffer"], "memory": "device"}],
                               ["2 ids", "1 sizes"]),
    "copy onto itself": ([BUFFER, {"op": "copy", "from": 1, "to": 1, "size": 1}], ["object 1", "itself"]),
    "copy from samples": ([BUFFER, {**IMAGE, "id": 2, "samples": 4}, {"op": "copy", "from": 2, "to": 1, "size": 1}],
                          ["object 2", "multi-sampled", "no copies"]),
    "copy to depth and stencil": ([BUFFER, {**IMAGE, "id": 2, "format": "D24_UNORM_S8_UINT"}, {"op": "copy", "from": 1, "to": 2, "size": 1}],
                                  ["object 2", "combined depth-stencil"]),
    "copy to a buffer below a mip": ([{**BUFFER, "size": 100}, {**IMAGE, "id": 2}, {"op": "copy", "from": 2, "to": 1, "size": 1}],
                                     ["first mip", "16384 bytes", "buffer of 100", "larger"]),
    "copy between unlike images": ([IMAGE, {**IMAGE, "id": 2, "mips": 2}, {"op": "copy", "from": 1, "to": 2, "size": 1}],
                                   ["different", "mips", "alike"]),
    "alias of what is freed": ([BUFFER, {**BUFFER, "id": 2, "alias_of": 1}, {"op": "free", "id": 1}, {**BUFFER, "id": 3, "alias_of": 1}],
                               ["object 1", "not live"]),
    "alias that is larger": ([BUFFER, {**BUFFER, "id": 2, "size": 4097, "alias_of": 1}], ["object 1", "4097"]),
    "alias out of its owner": ([BUFFER, {**BUFFER, "id": 2, "alias_of": 1, "alias_offset": 1}], ["object 1", "4096 bytes", "keep within"]),
    "alias of an alias out of its owner": (
        [BUFFER, {**BUFFER, "id": 2, "size": 64, "alias_of": 1, "alias_offset": 4032}, {**BUFFER, "id": 3, "size": 65, "alias_of": 2}],
        ["object 2", "for the 65 bytes"]),
    "offset in nothing": ([{**BUFFER, "alias_offset": 1}], ["'alias_offset' needs 'alias_of'"]),
    "bind of no storage buffer": ([BUFFER, {"op": "bind", "id": 1}], ["object 1", "storage_buffer"]),
    "unbind of what is not bound": ([BUFFER, {"op": "unbind", "id": 1}], ["object 1", "bind it first"]),
    "budget of 0": ([{"op": "budget", "heap": "device", "ratio": 0}], ["ratio"]),
    "budget of no such heap": ([{"op": "budget", "heap": "gpu", "ratio": 0.5}], ["heap", "gpu"]),
    "snapshot without a label": ([{"op": "snapshot", "label": ""}], ["label"]),
    "defragmentation without passes": ([{"op": "defragment", "passes_per_frame": 0}], ["passes_per_frame"]),
    "host_free of a buffer": ([BUFFER, {"op": "host_free", "id": 1}], ["object 1", "free"]),
    "host memory without a category": ([{"op": "host_alloc", "id": 1, "size": 8, "category": ""}], ["category"]),
}


def events():
    for name, (bad, says) in EVENTS.items():
        place = len(bad) + 1
        yield Bad(f"scenario, {name}", run("s.json"), [f"s.json:{place + 1}:", f"/workload/events/{place - 1}", *says],
                  files={"s.json": written([FRAME, *bad])})
        yield Bad(f"trace, {name}", run("t.jsonl"), [f"t.jsonl:{place}:", *says],
                  files={"t.jsonl": "".join(json.dumps(event) + "\n" for event in [FRAME, *bad])})


def repeats():
    def repeat(inner, **keys):
        return {"op": "repeat", "times": 2, "events": inner, **keys}
    for name, bad, says in (
            ("never freed", [repeat([BUFFER])], ["/events/0/events/0", "object 1 is live already", "in turn 2 of 2"]),
            ("freed once", [BUFFER, repeat([{"op": "free", "id": 1}])], ["/events/1/events/0", "object 1 is not live", "in turn 2 of 2"]),
            ("no turns", [repeat([FRAME], times=0)], ["/events/0/times", "0 is not from 1"]),
            ("turns of a text", [repeat([FRAME], times="2")], ["/events/0/times", "a string"]),
            ("no events", [repeat([])], ["/events/0/events", "no events"]),
            ("another key", [repeat([FRAME], lane=1)], ["/events/0/lane", "unknown key"]),
            ("too many", [repeat([repeat([FRAME], times=10**8)], times=10**8)], ["/events/0: makes the trace longer", "repeat less"]),
            ("a frame on a lane", [repeat([{**FRAME, "lane": 1}])], ["/events/0/events/0", "lane 1"])):
        yield Bad(f"repeat, {name}", ["validate", "s.json"], ["s.json:", *says], files={"s.json": scenario_of(bad)})


def texts():
    for name, text, where in (("comma", '{\n  "schema": "vkmembench.scenario/1",,\n}', "s.json:2:37"), ("cut", '{\n "name":', "s.json:2:"),
                              ("empty", "", "s.json: is empty"), ("nul", '{"a\0', "s.json:1:"), ("not utf-8", b'{"name": "\xff"}', "s.json:1:"),
                              ("NaN", '{"name": NaN}', "s.json:1:10"), ("two", "{} {}", "s.json:1:4"), ("deep", "[" * 100_000, "s.json:1:")):
        yield Bad(f"JSON, {name}", run("s.json"), [where], files={"s.json": text})
    good = json.dumps(FRAME) + "\n"
    for name, text, where in (("cut", '{"op": "buf', "t.jsonl:2:"), ("comma", '{"op":,}\n', "t.jsonl:2:7: "), ("array", "[]\n", "t.jsonl:2:"),
                              ("NaN", '{"op": "budget", "heap": "device", "ratio": NaN}\n', "t.jsonl:2:"), ("blank", "x\n", "t.jsonl:2:")):
        yield Bad(f"JSON of a trace, {name}", run("t.jsonl"), [where], files={"t.jsonl": good + text})
    for name in ("t.jsonl", "t.json"):
        yield Bad(f"empty {name}", run(name), [name], files={name: ""})
    for name, text in (("empty", b""), ("no zstd", b"{}\n"), ("cut", b"\x28\xb5\x2f\xfd\x04")):
        yield Bad(f"zstd, {name}", run("t.jsonl.zst"), ["t.jsonl.zst"], files={"t.jsonl.zst": text})
    for name, header, says in (("too few", {"events": 5}, ["has 1 events", "5"]), ("frame", {"measure_from_frame": 9}, ["measure_from_frame 9"]),
                               ("key", {"evnts": 1}, ["'evnts'", "did you mean 'events'"])):
        text = json.dumps({"schema": "vkmembench.trace/1", **header}) + "\n" + good
        yield Bad(f"header of a trace, {name}", run("t.jsonl"), ["t.jsonl", *says], files={"t.jsonl": text})


def scenarios():
    good = scenario_of([FRAME, BUFFER])
    for name, keys, says in (
            ("unknown key", {"expct": []}, ["/expct", "did you mean 'expect'"]),
            ("schema of another major version", {"schema": "vkmembench.scenario/2"}, ["/schema", "scenario/2", "scenario/1"]),
            ("schema of another kind", {"schema": "vkmembench.device/1"}, ["s.json: is a device profile, not a scenario", "--device sim:FILE"]),
            ("no events", {"workload": {"events": []}}, ["/workload", "no events", "at least one"]),
            ("two workloads", {"workload": {"events": [FRAME], "trace": "t.jsonl"}}, ["/workload", "keep one"]),
            ("unknown generator", {"workload": {"generator": "chrun"}}, ["/workload", "chrun", "did you mean 'churn'"]),
            ("unknown parameter", {"workload": {"generator": "churn", "scael": 1}}, ["'scael'", "did you mean 'scale'"]),
            ("parameter out of bounds", {"workload": {"generator": "churn", "scale": 1e9}}, ["/workload/scale", "100"]),
            ("missing trace", {"workload": {"trace": "missing.jsonl"}}, ["missing.jsonl"]),
            ("empty mix", {"workload": {"mix": []}}, ["/workload/mix"]),
            ("expect on an unknown metric", {"expect": [{"metric": "leak.cuont", "max": 0}]},
             ["/expect/0/metric", "leak.cuont", "did you mean 'leak.count'"]),
            ("expect without a bound", {"expect": [{"metric": "leak.count"}]}, ["/expect/0", "min"]),
            ("name with a folder", {"name": "../x"}, ["/name", "../x"]), ("name of no file", {"name": ""}, ["/name"]),
            ("negative seed", {"seed": -1}, ["/seed"]), ("frames in flight", {"frames_in_flight": 10**9}, ["/frames_in_flight"])):
        yield Bad(f"scenario, {name}", run("s.json"), says, files={"s.json": {**good, **keys}})
    for key in ("schema", "name", "workload"):
        yield Bad(f"scenario without {key}", run("s.json"), ["s.json:", key], files={"s.json": {k: v for k, v in good.items() if k != key}})
    bad = {"bad.json": scenario_of([FRAME, {"op": "bufer"}])}
    says = ["bad.json", "/workload/events/1", "'bufer'"]
    yield Bad("validate of a bad scenario", ["validate", "bad.json"], says, files=bad)
    yield Bad("expand of a bad scenario", ["expand", "bad.json", "-o", "t.jsonl"], says, files=bad)
    yield Bad("second of two scenarios", ["run", "churn", "bad.json", "--device", SIMULATED, "-o", "out/"], ["bad.json"], files=bad)
    yield Bad("one scenario twice", ["run", "churn", "churn", "--device", SIMULATED, "-o", "out/"], ["'churn'", "rename"])
    yield Bad("several scenarios in one file", run("churn", "scene_switch"), ["several scenarios", "-o DIR/"])
    budget = {"op": "budget", "heap": 15, "ratio": 0.5}
    yield Bad("budget of no heap of the device", run("s.json"), ["s.json:3: /workload/events/1", "heap 15", "heaps 0 to 2"],
              files={"s.json": written([FRAME, budget])})
    yield Bad("the same in a trace", run("t.jsonl"), ["t.jsonl:2: ", "heap 15"],
              files={"t.jsonl": json.dumps(FRAME) + "\n" + json.dumps(budget) + "\n"})
    yield Bad("the same, before another runs", ["run", "churn", "s.json", "--device", SIMULATED, "-o", "out/"], ["heap 15"],
              files={"s.json": written([FRAME, budget])})


def places():
    for name, says in (("missing.json", "no such file"), ("missing.jsonl.zst", "no such file"), ("churm", "did you mean 'churn'"),
                       ("folder.json", "is a folder"), ("folder.jsonl", "is a folder"), ("/proc/self/mem", "cannot be read")):
        yield Bad(f"file {name}", run(name), [name, says], files={"folder.json": FOLDER, "folder.jsonl": FOLDER})
    for command in (["run"], ["expand", "-o", "t.jsonl"], ["validate"], ["report"], ["compare", BEFORE],
                    ["baseline", "accept", "--reason", "x", "-o", "b.json"]):
        yield Bad(f"{command[0]} of a pattern", [*command, "x*.json"], ["x*.json: matches no file"])
    yield Bad("gate of a pattern", ["gate", "b?se.json", AFTER, "--policy", POLICY], ["b?se.json: matches no file"])


def settings():
    for arguments, says in (
            (["--set", "scael=1"], ["scael", "did you mean 'scale'"]), (["--set", "scale"], ["KEY=VALUE"]),
            (["--set", "=1"], ["KEY=VALUE"]), (["--set", "scale=x"], ["scale", "x"]), (["--set", "scale=nan"], ["scale"]),
            (["--set", "scale=0"], ["scale", "0.01"]), (["--set", "scale=1e300"], ["scale", "100"]),
            (["--seed", "x"], ["seed"]), (["--seed", "-1"], ["seed", "negative"]), (["--seed", "18446744073709551616"], ["seed", "2^64"]),
            (["--series", "18446744073709551618"], ["series"]), (["--series", "1"], ["series"]),
            (["--repeat", "18446744073709551617"], ["repeat"]), (["--repeat", "4294967297"], ["repeat"]), (["--repeat", "0"], ["repeat"]),
            (["--repeat", "-1"], ["repeat"]), (["--set", "operations=18446744073709551616"], ["operations"]),
            (["--frames", "0-18446744073709551616"], ["frames"]), (["--frames", "5"], ["--frames", "A-B"]), (["--frames", "9-3"], ["frames", "9"]),
            (["--frames", "0-99999999"], ["frames"]), (["--frames", "-1-3"], ["frames"]),
            (["--clock", "model", "--replay", "concurrent"], ["model", "concurrent"]), (["--clock", "sundial"], ["clock", "sundial"]),
            (["--timeout", "-1"], ["timeout"]), (["--timeout", "nan"], ["timeout"]), (["--timeout", "1e10"], ["timeout", "1000000000"]),
            (["--timeout", "1e300"], ["timeout"]), (["--budget", "x"], ["budget"]), (["--color", "x"], ["color", "auto"]),
            (["--nonsense"], ["--nonsense", "there are"]), (["--strateg=vma"], ["'--strateg'", "did you mean '--strategy'", "--timeout"]),
            (["--clock", "modle"], ["'modle'", "did you mean 'model'", "wall"]), (["--validation"], ["--validation", "Vulkan"])):
        yield Bad(" ".join(arguments), run("churn", *arguments), says)
    for command in ("run", "expand"):
        yield Bad(f"{command} to no name", [command, "churn", "-o", ""], ["--output", "empty"])


def strategies():
    files = {"broken.json": '{"preset": "vma",}', "unknown.json": {"preset": "vma", "parameters": {"algoritm": 1}}, "empty.json": {"preset": "nul"},
             "nameless.json": {"preset": "vma", "name": ""}, "control.json": {"preset": "vma", "name": "a\u001b[2Jb"},
             "other.json": {"preset": "vma", "name": "null"},
             "bounds.json": {"preset": "core-default", "parameters": {"min_block_bytes": 2**30, "max_block_bytes": 4096}}}
    for strategy, says in (
            ("vmaa", ["'vmaa'", "did you mean 'vma'"]), ("", ["empty", "list strategies"]), ("vma,", ["empty"]), ("vma,vma", ["'vma'", "twice"]),
            ("core-default{nonsense=1}", ["'nonsense'", " are "]), ("vma{preferred_block_bytes=-1}", ["preferred_block_bytes", "bytes"]),
            ("vma{", ["vma{", "}"]), ("vma{x}", ["x"]), ("broken.json", ["broken.json:1:"]), ("unknown.json", ["unknown.json:", "algoritm"]),
            ("empty.json", ["empty.json", "nul"]), ("missing.json", ["missing.json", "no such file"]), ("all,vma", ["all", "alone"]),
            ("vma,all", ["all", "alone"]), ("core-default{borrow=true,borrow=false}", ["'borrow'", "twice"]),
            ("nameless.json", ["nameless.json:", "/name"]), ("control.json", ["control.json:", "/name"]),
            ("other.json", ["other.json:", "/name", "'null'"]),
            ("vma,bounds.json", ["bounds.json:", "/parameters", "min_block_bytes is above max_block_bytes"])):
        yield Bad(f"strategy '{strategy}'", run("churn", "--strategy", strategy), says, files=files)
    yield Bad("validate of a bad strategy", ["validate", "bounds.json"], ["bounds.json:", "/parameters", "min_block_bytes is above max_block_bytes"],
              files=files)


def devices():
    for selector, says in (("sim:amd-rx-660", ["amd-rx-660", "did you mean 'amd-rx-6600'", "intel-iris-xe", "file.json"]),
                           ("sim:missing.json", ["missing.json"]), ("nonsense", ["nonsense", "sim:NAME"]), ("", ["selector"]), ("-1", ["-1"]),
                           ("1x", ["1x"]), ("sim:all", ["several devices", "-o DIR/"])):
        yield Bad(f"device '{selector}'", ["run", "churn", "--device", selector, "-o", "r.json"], says)
    good = profile_of()
    for name, keys, says in (("major version", {"schema": "vkmembench.device/2"}, ["/schema", "device/2"]),
                             ("unknown key", {"heapz": []}, ["/heapz", "did you mean 'heaps'"]), ("no heaps", {"heaps": []}, ["/heaps"]),
                             ("type of no heap", {"types": [{"heap": 9, "flags": ["device_local"]}]}, ["/types/0/heap"])):
        yield Bad(f"profile, {name}", ["run", "churn", "--device", "sim:p.json", "-o", "r.json"], ["p.json:", *says], files={"p.json": {**good, **keys}})
    for selector in ("auto", "cpu", "0", "name:*"):
        yield Bad(f"device '{selector}' without a driver", ["run", "churn", "--device", selector], ["no Vulkan device", "--device sim:"], code=77,
                  environment=NO_DRIVERS)
    for selector in ("name:NoSuchGpu*", "uuid:00000000000000000000000000000bad", "99"):
        yield Bad(f"device '{selector}' that there is none of", ["run", "churn", "--device", selector], ["no Vulkan device", "--device sim:"], code=77)


def usage():
    for typed, says in (([], ["--help"]), (["rnu"], ["'rnu'", "did you mean 'run'", "there are run, "]), (["rnu", "--help"], ["'rnu'"]),
                        (["rnu", "--version"], ["'rnu'"]), (["run"], ["SCENARIO", "`vkmembench run --help`"]), (["compare", BEFORE], ["CANDIDATE"]),
                        (["list", "nonsense"], ["nonsense", "generators"]), (["schema", "reprot"], ["reprot", "did you mean 'report'"]),
                        (["new", "scenari", "x"], ["'scenari'", "did you mean 'scenario'"]), (["new", "scenario"], ["NAME"]),
                        (["baseline", "accept", AFTER, "-o", "b.json"], ["--reason"]),
                        (["baseline", "accept", AFTER, "-o", "b.json", "--reason", " "], ["--reason"]),
                        (["report", AFTER, "--format", "html"], ["--format html", "-o FILE"]), (["report", AFTER, "-o", "x.y"], ["x.y", "--format"])):
        yield Bad("typed: " + " ".join(map(str, typed)), typed, says)
    yield Bad("a name that is taken", ["new", "scenario", "taken"], ["taken.json", "already"], files={"taken.json": "mine"})
    for name in ("", "a/b", "../a", "a.json", ".a", "a b", "ä", "a\nb"):
        yield Bad(f"a scenario named {name!r}", ["new", "scenario", name], ["no name for a scenario"])


FOREIGN = {
    "vma.json": (json.dumps({"General": {"API": "Vulkan", "GPU": "g"}, "Total": {"BlockCount": 1, "BlockBytes": 65536, "AllocationCount": 1,
                             "AllocationBytes": 4096, "UnusedRangeCount": 1}, "MemoryInfo": {}}, indent=1), "statistics of VMA"),
    "calls.csv": ("Vulkan Memory Allocator,Calls recording\n1,8\nConfig,Begin\nVulkanApiVersion,1,0\nConfig,End\n", "VmaReplay"),
    "info.txt": ("==========\nVULKANINFO\n==========\n\nVulkan Instance Version: 1.2.131\n\nGPU0:\n\tapiVersion = 4198519\n", "vulkaninfo"),
    "profiles.json": (json.dumps({"$schema": "https://schema.khronos.org/vulkan/profiles-0.8.2-1.3.json#", "capabilities": {"device": {}},
                                  "profiles": {"VP_X": {}}}), "Vulkan profile"),
    "caps.json": (json.dumps({"device": {}, "environment": {"appversion": "3.4", "reportversion": "3.2"}}), "Hardware Capability Viewer"),
    "override.json": (json.dumps({"file_format_version": "1.2.0", "layer": {"name": "VK_LAYER_LUNARG_override"}}), "vkconfig"),
}


def foreign_files():
    """Files of other programs, and ours in the wrong place: the line says what they are and what to do."""
    for name, (text, what) in FOREIGN.items():
        for typed in (["run", name, "--device", SIMULATED], ["validate", name], ["expand", name, "-o", "t.jsonl"],
                      ["run", "churn", "--device", f"sim:{name}"], ["report", name], ["compare", BEFORE, name],
                      ["gate", BEFORE, AFTER, "--policy", name], ["gate", name, AFTER, "--policy", POLICY]):
            yield Bad(f"{name}: {typed[0]}", typed, [f"{name}: is ", what, "; "], files={name: text})
    yield Bad("vma.json: strategy", run("churn", "--strategy", "vma.json"), ["vma.json: is statistics of VMA", "vkmembench import"],
              files={"vma.json": FOREIGN["vma.json"][0]})
    ours = {"scenario": scenario_of([FRAME, BUFFER]), "profile": profile_of(), "report": BEFORE.read_text(), "strategy": {"preset": "vma"},
            "policy": POLICY.read_text(), "trace": json.dumps({"schema": "vkmembench.trace/1"}) + "\n" + json.dumps(FRAME) + "\n"}
    takes = {"scenario": ["expand", "{}", "-o", "x.jsonl"], "profile": ["run", "churn", "--device", "sim:{}"], "report": ["report", "{}"],
             "strategy": ["run", "churn", "--device", SIMULATED, "--strategy", "{}"], "policy": ["gate", BEFORE, AFTER, "--policy", "{}"]}
    named = {"profile": "a device profile", "trace": "a trace"}
    for kind, reader in itertools.product(ours, takes):
        if kind != reader:
            yield Bad(f"{kind} as {reader}", [str(word).format(f"{kind}.json") for word in takes[reader]],
                      [f"{kind}.json: is {named.get(kind, 'a ' + kind)}, not {named.get(reader, 'a ' + reader)}; "], files={f"{kind}.json": ours[kind]})


def policies():
    def policy(**keys):
        return {"schema": "vkmembench.gate/1", "rules": [{"metric": "mem.*", "limit": "+0"}], **keys}
    for name, keys, says in (
            ("major version", {"schema": "vkmembench.gate/2"}, ["/schema", "gate/2"]), ("unknown key", {"rulez": []}, ["'rulez'", "did you mean 'rules'"]),
            ("no rules", {"rules": []}, ["/rules", "empty"]), ("no limit", {"rules": [{"metric": "mem.*"}]}, ["/rules/0", "limit"]),
            ("bad limit", {"rules": [{"metric": "mem.*", "limit": "0"}]}, ["/rules/0/limit", "+N"]),
            ("bad reaction", {"on_missing": "fial"}, ["/on_missing", "did you mean 'fail'"])):
        yield Bad(f"policy, {name}", ["gate", BEFORE, AFTER, "--policy", "p.json"], ["p.json:", *says], files={"p.json": policy(**keys)})
    yield Bad("no rule matches", ["gate", BEFORE, AFTER, "--policy", "p.json"], ["p.json", "no rule matches"], code=5,
              files={"p.json": policy(rules=[{"metric": "no.such", "limit": "+0"}])})


def reports():
    for name, text, says in (("cut", BEFORE.read_text()[:1000], ["cut short"]), ("no report", "{}", ["r.json"]), ("empty", "", ["empty"]),
                             ("another version", BEFORE.read_text().replace("report/1", "report/2", 1), ["report/2"])):
        for typed in (["report", "r.json"], ["compare", BEFORE, "r.json"], ["gate", BEFORE, "r.json", "--policy", POLICY], ["validate", "r.json"]):
            if typed[0] == "validate" and name in ("no report", "cut"):  # which does not know what it was to be
                continue
            yield Bad(f"report, {name}: {typed[0]}", typed, ["r.json", *says], files={"r.json": text})
    half = {"half.json": BEFORE.read_text().replace('"status": "ok"', '"status": "incomplete"', 1)}
    yield Bad("compare of half a report", ["compare", BEFORE, "half.json"], ["half.json"], code=5, files=half)
    yield Bad("baseline of half a report", ["baseline", "accept", "half.json", "-o", "b.json", "--reason", "x"], ["half.json"], code=5, files=half)
    yield Bad("gate of an empty folder", ["gate", "empty/", AFTER, "--policy", POLICY], ["empty"], code=5, files={"empty": FOLDER})
    yield Bad("compare of nothing in common", ["compare", BEFORE, SAMPLES / "devices" / "amd-rx-6600-churn.json"], ["in common"], code=5)


def outputs():
    scenario = {"s.json": scenario_of([FRAME, BUFFER])}
    for place, says in (("missing/r.json", "missing"), ("s.json/r.json", "s.json"), ("s.json/out/", "s.json"), ("/proc/r.json", "/proc"),
                        ("/proc/out/", "/proc"), ("x" * 300, "xxx"), ("/dev/full", "space")):
        yield Bad(f"output {place[:20]}", ["run", "s.json", "--device", SIMULATED, "--strategy", "null", "-q", "-o", place], [says], code=1,
                  files=scenario, writes=place == "/dev/full")
    yield Bad("expand to a full disk", ["expand", "s.json", "-o", "/dev/full"], ["/dev/full", "space"], code=1, files=scenario)
    yield Bad("report to no folder", ["report", AFTER, "-o", "missing/r.csv"], ["missing/r.csv"], code=1)
    yield Bad("an input as output", ["run", "s.json", "--device", SIMULATED, "-o", "s.json"], ["s.json", "overwrite the input"], files=scenario)


def verdicts():
    """What is no mistake of who types, but ends by a code of its own all the same."""
    small = profile_of(heap_bytes=1 << 20)
    fills = [FRAME] + [{**BUFFER, "id": i, "size": 400_000} for i in range(20)]
    yield Bad("regression", ["gate", BEFORE, AFTER, "--policy", POLICY], ["mem.reserved_end_bytes", "baseline accept"], code=3)
    yield Bad("expectation not met", ["run", "s.json", *RUN], ["vma: alloc.count", "expected"], code=3, writes=True,
              files={"s.json": scenario_of([FRAME, BUFFER], expect=[{"metric": "alloc.count", "min": 2}])})
    yield Bad("inconclusive", ["ab", "s.json", "--strategies", "null,vma", "--device", SIMULATED, "--max-time", "0.000001", "--control", "off",
                               "--policy", "p.json", "-q"], ["--max-time"], code=4, writes=True,
              files={"s.json": scenario_of([FRAME, BUFFER]), "p.json": {
                  "schema": "vkmembench.gate/1", "on_inconclusive": "fail", "rules": [{"metric": "time.create_buffer_ns.p50", "min_effect": "5%"}]}})
    yield Bad("nothing to try", ["run", "s.json", *RUN], ["s"], code=5, writes=True,
              files={"s.json": scenario_of([FRAME, {**IMAGE, "extent": [16, 16, 16], "tiling": "linear"}])})
    yield Bad("an invalid call", ["run", "s.json", *RUN, "--strategy", "vma", "--check"], ["invalid_call"], code=6, writes=True,
              files={"s.json": scenario_of([FRAME, {**BUFFER, "size": 2**40}])})
    yield Bad("no room for a strategy in must_fit", ["run", "s.json", "--device", "sim:p.json", "-q", "-o", "r.json"],
              ["core-default", "must_fit", "memory"], code=7, writes=True, files={"s.json": scenario_of(fills, must_fit=["core-*"]), "p.json": small})
    yield Bad("a timeout", ["run", "scene_switch", *RUN, "--repeat", "200", "--timeout", "0.3"], ["--timeout"], code=1, writes=True)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        yield Bad(number.name, ["expand", "churn", "--set", "scale=100", "--set", "operations=1000000", "-o", "t.jsonl"],
                  ["interrupted", "nothing was written"], code=128 + number, signal=number)


def asks_posix(bad):
    return bad.signal != 0 or any(str(word).startswith(("/dev/", "/proc/")) for word in bad.typed)


def rows():
    """The table; where the system is none of POSIX, without what only such a system has."""
    for part in (events, repeats, texts, scenarios, places, settings, strategies, devices, usage, foreign_files, policies, reports, outputs, verdicts):
        yield from (bad for bad in part() if ON_POSIX or not asks_posix(bad))
