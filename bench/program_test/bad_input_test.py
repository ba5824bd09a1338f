"""Bad inputs: one line that names what, where and the remedy, exit code 2, and nothing written."""
import json
import resource
import subprocess
from pathlib import Path

from program import BUFFER, FRAME, IMAGE, PROGRAM, SIMULATED, UPLOAD, ProgramTest, profile_of, scenario_of

HUGE = 2**64 - 1
ICD_FOLDER = Path("/usr/share/vulkan/icd.d")

# Events of which the last is bad, and what the line says of it.
BAD_EVENTS = {
    "unknown op": ([{"op": "bufer"}], ["'bufer'", "did you mean 'buffer'"]),
    "no op": ([{"size": 1}], ["op"]),
    "unknown key": ([{**BUFFER, "sise": 1}], ["'sise'", "did you mean 'size'"]),
    "unknown usage": ([{**BUFFER, "usage": ["vertex_bufer"]}], ["'vertex_bufer'", "vertex_buffer"]),
    "unknown memory": ([{**BUFFER, "memory": "devise"}], ["'devise'", "device"]),
    "unknown format": ([{**IMAGE, "format": "R8G8B8A8_UNROM"}], ["R8G8B8A8_UNROM"]),
    "missing key": ([{"op": "buffer", "id": 1, "usage": ["vertex_buffer"], "memory": "device"}], ["size"]),
    "wrong type": ([{**BUFFER, "size": "big"}], ["size", "integer"]),
    "negative size": ([{**BUFFER, "size": -1}], ["size"]),
    "fractional size": ([{**BUFFER, "size": 1.5}], ["size"]),
    "duplicate live id": ([BUFFER, BUFFER], ["object 1", "live already", "free it"]),
    "free of an unknown id": ([BUFFER, {"op": "free", "id": 7}], ["object 7", "not live"]),
    "double free": ([BUFFER, {"op": "free", "id": 1}, {"op": "free", "id": 1}], ["object 1", "not live"]),
    "write after free": ([UPLOAD, {"op": "free", "id": 1}, {"op": "write", "id": 1, "offset": 0, "size": 1}],
                         ["object 1", "not live"]),
    "write beyond": ([UPLOAD, {"op": "write", "id": 1, "offset": 4000, "size": 97}], ["object 1", "97", "4096"]),
    "write that wraps": ([UPLOAD, {"op": "write", "id": 1, "offset": HUGE, "size": 2}], ["object 1", "4096"]),
    "read beyond": ([UPLOAD, {"op": "read", "id": 1, "offset": 4097, "size": 1}], ["object 1", "4096"]),
    "upload beyond": ([BUFFER, {"op": "upload", "id": 1, "size": 4097}], ["object 1", "4096"]),
    "write on device memory": ([BUFFER, {"op": "write", "id": 1, "offset": 0, "size": 1}],
                               ["object 1", "'device'", "upload"]),
    "read on device memory": ([BUFFER, {"op": "read", "id": 1, "offset": 0, "size": 1}],
                              ["object 1", "'device'", "readback"]),
    "size 0": ([{**BUFFER, "size": 0}], ["size is 0", "at least 1"]),
    "size 2^64 - 1": ([{**BUFFER, "size": HUGE}], ["18446744073709551615", "smaller"]),
    "size 2^64": ([{**BUFFER, "size": HUGE + 1}], ["size"]),
    "resize to 2^64 - 1": ([BUFFER, {"op": "resize", "id": 1, "size": HUGE}], ["18446744073709551615"]),
    "sum of sizes": ([{**BUFFER, "id": i, "size": 2**60} for i in range(16)], ["2^64"]),
    "image of 0 x 0": ([{**IMAGE, "extent": [0, 0, 1]}], ["extent 0x0x1", "at least 1"]),
    "image without height": ([{**IMAGE, "extent": [64]}], ["extent", "[width, height, depth]"]),
    "size of no unit": ([{**BUFFER, "size": "4 MB"}], ["size", "4 MiB"]),
    "size in parts of a byte": ([{**BUFFER, "size": "0.3 KiB"}], ["size", "0.3 KiB"]),
    "id of no letter": ([{**BUFFER, "id": ""}], ["id", "empty"]),
    "key of a later version": ([{**BUFFER, "memory_type": 6}], ["'memory_type'", "'buffer' takes", "alias_of"]),
    "usage of a later version": ([{**BUFFER, "usage": ["acceleration_structure_storage"]}], ["there are", "indirect_buffer"]),
    "memory by properties": ([{**BUFFER, "memory": {"required": ["host_visible"]}}], ["'memory' is an object"]),
    "turns of no repeat": ([{**FRAME, "times": 2}], ["'times'", "'repeat'"]),
    "image near 2^64 bytes": ([{**IMAGE, "extent": [2**32 - 1, 2**32 - 1, 1]}], ["extent"]),
    "mips above the maximum": ([{**IMAGE, "mips": 8}], ["mips 8", "from 1 to 7"]),
    "no mips": ([{**IMAGE, "mips": 0}], ["mips"]),
    "three samples": ([{**IMAGE, "samples": 3}], ["samples", "3"]),
    "frame on another lane": ([{**FRAME, "lane": 1}], ["lane 1", "lane 0"]),
    "batch of unequal lists": ([{"op": "batch", "ids": [1, 2], "sizes": [1], "usage": ["vertex_buffer"], "memory": "device"}],
                               ["2 ids", "1 sizes"]),
    "copy onto itself": ([BUFFER, {"op": "copy", "from": 1, "to": 1, "size": 1}], ["object 1", "itself"]),
    "budget of 0": ([{"op": "budget", "heap": "device", "ratio": 0}], ["ratio"]),
}


class BadInputTest(ProgramTest):
    def refuse(self, *arguments, says=(), **options):
        return self.assert_refused("run", *arguments, "--device", SIMULATED, "-o", "r.json", says=says, **options)

    def test_events_of_a_scenario(self):
        for name, (events, says) in BAD_EVENTS.items():
            with self.subTest(name):
                text = ('{"schema": "vkmembench.scenario/1", "name": "s", "workload": {"events": [\n' +
                        ",\n".join(map(json.dumps, [FRAME, *events])) + "]}}")
                where = [f"s.json:{2 + len(events)}:", f"/workload/events/{len(events)}"]
                line = self.refuse(self.write("s.json", text), says=where + says)
                self.assert_has_a_remedy(line)

    def test_events_of_a_trace(self):
        for name, (events, says) in BAD_EVENTS.items():
            with self.subTest(name):
                trace = self.write("t.jsonl", "".join(json.dumps(event) + "\n" for event in [FRAME, *events]))
                self.refuse(trace, says=[f"t.jsonl:{1 + len(events)}:"] + says)

    # After the place and the finding, what to do about it, or what the value has to be.
    def assert_has_a_remedy(self, line):
        self.assertRegex(line, r"; |did you mean|not an? |not from|above the bound of|is not above")

    def test_malformed_json(self):
        for name, text, where in (("comma", '{\n  "schema": "vkmembench.scenario/1",,\n}', "s.json:2:37"),
                                  ("cut", '{\n "name":', "s.json:2:"), ("empty", "", "s.json: is empty"),
                                  ("nul", '{"a\0', "s.json:1:"), ("not utf-8", b'{"name": "\xff"}', "s.json:1:"),
                                  ("NaN", '{"name": NaN}', "s.json:1:10"), ("two", "{} {}", "s.json:1:4"),
                                  ("deep", "[" * 100_000, "s.json:1:")):
            with self.subTest(name):
                self.refuse(self.write("s.json", text), says=[where])

    def test_malformed_trace(self):
        good = json.dumps(FRAME) + "\n"
        for name, text in (("cut", good + '{"op": "buf'), ("comma", good + '{"op":,}\n'), ("array", good + "[]\n"),
                           ("NaN", good + '{"op": "budget", "heap": "device", "ratio": NaN}\n'), ("blank", good + "x\n")):
            with self.subTest(name):
                self.refuse(self.write("t.jsonl", text), says=["t.jsonl:2:"])
        self.refuse(self.write("t.jsonl", good + '{"op":,}\n'), says=["t.jsonl:2:7: "])

    def test_truncated_zst(self):
        subprocess.run([PROGRAM, "expand", "churn", "--set", "scale=0.02", "-o", "whole.jsonl.zst"],
                       cwd=self.folder, check=True, capture_output=True, timeout=60)
        whole = (self.folder / "whole.jsonl.zst").read_bytes()
        for name, part in (("half", whole[: len(whole) // 2]), ("last byte", whole[:-1]), ("empty", b""),
                           ("no zstd", b"{}\n"), ("flipped", whole[:-20] + bytes([whole[-20] ^ 0xff]) + whole[-19:])):
            with self.subTest(name):
                self.refuse(self.write("t.jsonl.zst", part), says=["t.jsonl.zst"])

    def test_scenarios(self):
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
                ("name with a folder", {"name": "../x"}, ["/name", "../x"]),
                ("name of no file", {"name": ""}, ["/name"]),
                ("negative seed", {"seed": -1}, ["/seed"]),
                ("frames in flight", {"frames_in_flight": 10**9}, ["/frames_in_flight"])):
            with self.subTest(name):
                self.refuse(self.write("s.json", {**good, **keys}), says=says)

    def test_missing_keys(self):
        for key in ("schema", "name", "workload"):
            with self.subTest(key):
                scenario = scenario_of([FRAME, BUFFER])
                del scenario[key]
                self.refuse(self.write("s.json", scenario), says=["s.json:", key])

    def test_files(self):
        (self.folder / "folder.json").mkdir()
        (self.folder / "folder.jsonl").mkdir()
        for name, says in (("missing.json", "no such file"), ("missing.jsonl.zst", "no such file"), ("churm", "did you mean 'churn'"),
                           ("folder.json", "is a folder"), ("folder.jsonl", "is a folder"),
                           ("/proc/self/mem", "cannot be read")):
            with self.subTest(name):
                self.refuse(name, says=[name, says])

    def test_empty_trace(self):
        for name in ("t.jsonl", "t.json"):
            with self.subTest(name):
                self.refuse(self.write(name, ""), says=[name])

    def test_settings(self):
        for arguments, says in (
                (["--set", "scael=1"], ["scael", "did you mean 'scale'"]), (["--set", "scale"], ["KEY=VALUE"]),
                (["--set", "=1"], ["KEY=VALUE"]), (["--set", "scale=x"], ["scale", "x"]), (["--set", "scale=nan"], ["scale"]),
                (["--set", "scale=0"], ["scale", "0.01"]), (["--set", "scale=1e300"], ["scale", "100"]),
                (["--seed", "x"], ["seed"]), (["--seed", "-1"], ["seed", "negative"]),
                (["--seed", "18446744073709551616"], ["seed", "2^64"]), (["--series", "18446744073709551618"], ["series"]),
                (["--repeat", "18446744073709551617"], ["repeat"]), (["--repeat", "4294967297"], ["repeat"]),
                (["--set", "operations=18446744073709551616"], ["operations"]),
                (["--frames", "0-18446744073709551616"], ["frames"]), (["--repeat", "0"], ["repeat"]), (["--repeat", "-1"], ["repeat"]),
                (["--frames", "5"], ["--frames", "A-B"]), (["--frames", "9-3"], ["frames", "9"]),
                (["--frames", "0-99999999"], ["frames"]), (["--frames", "-1-3"], ["frames"]),
                (["--clock", "model", "--replay", "concurrent"], ["model", "concurrent"]),
                (["--clock", "sundial"], ["clock", "sundial"]), (["--series", "1"], ["series"]),
                (["--timeout", "-1"], ["timeout"]), (["--timeout", "nan"], ["timeout"]), (["--timeout", "1e10"], ["timeout", "1000000000"]),
                (["--timeout", "1e300"], ["timeout"]), (["--budget", "x"], ["budget"]),
                (["--color", "x"], ["color", "auto"]), (["--nonsense"], ["--nonsense", "there are"]),
                (["--strateg=vma"], ["'--strateg'", "did you mean '--strategy'", "--timeout"]),
                (["--clock", "modle"], ["'modle'", "did you mean 'model'", "wall"]),
                (["--validation"], ["--validation", "Vulkan"])):
            with self.subTest(" ".join(arguments)):
                self.refuse("churn", *arguments, says=says)

    def test_strategies(self):
        broken = self.write("broken.json", '{"preset": "vma",}')
        unknown = self.write("unknown.json", {"preset": "vma", "parameters": {"algoritm": 1}})
        empty = self.write("empty.json", {"preset": "nul"})
        nameless = self.write("nameless.json", {"preset": "vma", "name": ""})
        control = self.write("control.json", {"preset": "vma", "name": "a\u001b[2Jb"})
        other = self.write("other.json", {"preset": "vma", "name": "null"})
        for strategy, says in (
                ("vmaa", ["'vmaa'", "did you mean 'vma'"]), ("", ["empty", "list strategies"]), ("vma,", ["empty"]),
                ("vma,vma", ["'vma'", "twice"]), ("core-default{nonsense=1}", ["'nonsense'", " are "]),
                ("vma{preferred_block_bytes=-1}", ["preferred_block_bytes", "bytes"]), ("vma{", ["vma{", "}"]),
                ("vma{x}", ["x"]), (broken, ["broken.json:1:"]), (unknown, ["unknown.json:", "algoritm"]),
                (empty, ["empty.json", "nul"]), ("missing.json", ["missing.json", "no such file"]),
                ("all,vma", ["all", "alone"]), ("vma,all", ["all", "alone"]),
                ("core-default{borrow=true,borrow=false}", ["'borrow'", "twice"]), (nameless, ["nameless.json:", "/name"]),
                (control, ["control.json:", "/name"]), (other, ["other.json:", "/name", "'null'"])):
            with self.subTest(strategy):
                self.refuse("churn", "--strategy", strategy, says=says)

    def test_validate_and_run_judge_a_strategy_alike(self):
        bad = self.write("bad.json", {"preset": "core-default", "parameters": {"min_block_bytes": 2**30, "max_block_bytes": 4096}})
        says = ["bad.json:3: /parameters", "min_block_bytes is above max_block_bytes"]
        self.refuse("churn", "--strategy", f"vma,{bad}", says=says)
        self.assert_refused("validate", bad, says=says)

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

    def test_a_budget_of_no_heap(self):
        budget = {"op": "budget", "heap": 15, "ratio": 0.5}
        scenario = self.write("s.json", scenario_of([FRAME, budget]))
        lines = Path(scenario).read_text().splitlines()
        line = next(i for i, text in enumerate(lines) if '"budget"' in text)  # counted from 1, the one before: its brace
        says = ["heap 15", "heaps 0 to 2"]
        self.refuse(scenario, says=[f"s.json:{line}: /workload/events/1", *says])
        # Before the first run of the first scenario, too.
        self.assert_refused("run", "churn", scenario, "--device", SIMULATED, "-o", "out/", says=says)
        trace = self.write("t.jsonl", "".join(json.dumps(event) + "\n" for event in [FRAME, budget]))
        self.refuse(trace, says=["t.jsonl:2: ", *says])

    def test_empty_names_of_outputs(self):
        self.assert_refused("run", "churn", "--device", SIMULATED, "-o", "", says=["--output", "empty"])
        self.assert_refused("expand", "churn", "-o", "", says=["--output", "empty"])

    def test_every_parameter_is_bounded(self):
        process = self.run_program("list", "strategies", "--json")
        for preset in json.loads(process.out):
            for key, value in preset["parameters"].items():
                bad = "1e300" if isinstance(value, (int, float)) and not isinstance(value, bool) else "?"
                with self.subTest(f"{preset['name']}{{{key}={bad}}}"):
                    self.refuse("churn", "--strategy", f"{preset['name']}{{{key}={bad}}}", says=[key])

    def test_devices(self):
        for selector, says in (("sim:amd-rx-660", ["amd-rx-660", "did you mean 'amd-rx-6600'", "intel-iris-xe", "file.json"]),
                               ("sim:missing.json", ["missing.json"]), ("nonsense", ["nonsense", "sim:NAME"]),
                               ("", ["selector"]), ("-1", ["-1"]), ("1x", ["1x"]),
                               ("sim:all", ["several devices", "-o DIR/"])):
            with self.subTest(selector):
                self.assert_refused("run", "churn", "--device", selector, "-o", "r.json", says=says)

    def test_profiles(self):
        good = profile_of()
        for name, keys, says in (("major version", {"schema": "vkmembench.device/2"}, ["/schema", "device/2"]),
                                 ("unknown key", {"heapz": []}, ["/heapz", "did you mean 'heaps'"]),
                                 ("no heaps", {"heaps": []}, ["/heaps"]),
                                 ("type of no heap", {"types": [{"heap": 9, "flags": ["device_local"]}]}, ["/types/0/heap"])):
            with self.subTest(name):
                profile = self.write("p.json", {**good, **keys})
                self.assert_refused("run", "churn", "--device", f"sim:{profile}", "-o", "r.json", says=["p.json:"] + says)

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

    def test_several_scenarios_in_one_file(self):
        self.refuse("churn", "scene_switch", says=["several scenarios", "-o DIR/"])

    def test_one_scenario_twice(self):
        self.assert_refused("run", "churn", "churn", "--device", SIMULATED, "-o", "out/", says=["'churn'", "rename"])

    def test_an_invalid_second_scenario_is_found_before_the_first_runs(self):
        bad = self.write("bad.json", scenario_of([]))
        self.assert_refused("run", "churn", bad, "--device", SIMULATED, "-o", "out/", says=["bad.json"])

    def test_validate_and_expand_say_the_same(self):
        bad = self.write("bad.json", scenario_of([FRAME, {"op": "bufer"}]))
        self.assert_refused("validate", bad, says=["bad.json", "/workload/events/1", "'bufer'"])
        self.assert_refused("expand", bad, "-o", "t.jsonl", says=["bad.json", "/workload/events/1", "'bufer'"])
        self.assert_refused("list", "nonsense", says=["nonsense", "generators"])
        self.assert_refused("schema", "reprot", says=["reprot", "did you mean 'report'"])
