"""Scenarios that people write: short forms, a starting point, errors several at a time."""
import json
import re

from program import BUFFER, FRAME, SIMULATED, ProgramTest, scenario_of, validator

SHORT = scenario_of([
    FRAME,
    {"comment": "stays", "op": "buffer", "id": "mesh", "size": "1.5 MiB", "usage": "vertex_buffer", "memory": "device"},
    {"op": "image", "id": 3, "format": "R8G8B8A8_UNORM", "extent": [64, 32], "usage": "sampled", "memory": "device"},
    {"op": "repeat", "times": 3, "events": [
        FRAME,
        {"op": "batch", "ids": ["a", "b"], "sizes": ["64KiB", 256], "usage": "uniform_buffer", "memory": "dynamic", "align": "1 KiB"},
        {"op": "repeat", "times": 2, "comment": "twice", "events": [
            {"op": "host_alloc", "id": 9, "size": "8 B", "category": "A"}, {"op": "host_free", "id": 9}]},
        {"op": "free", "ids": ["a", "b"]}]},
    {"op": "defragment", "max_bytes_per_pass": "16 MiB", "select": {"min_size": "1 MiB"}},
    {"op": "budget", "heap": "device", "bytes": "1 GiB"},
    FRAME, {"op": "free", "ids": ["mesh", 3]}], **{"$schema": "scenario.schema.json", "comment": "all short forms"})


def long_form():
    """The same with everything spelled out: texts and turns are numbered from 10^12 on."""
    given = iter(range(10**12, 10**13))
    mesh, a, b = next(given), next(given), next(given)
    events = [
        FRAME, {"op": "buffer", "id": mesh, "size": 1572864, "usage": ["vertex_buffer"], "memory": "device"},
        {"op": "image", "id": 3, "format": ["R8G8B8A8_UNORM"], "extent": [64, 32, 1], "mips": 1, "layers": 1, "samples": 1,
         "tiling": "optimal", "usage": ["sampled"], "memory": "device"}]
    for turn in range(3):
        if turn:
            a, b = next(given), next(given)
        events += [FRAME, {"op": "batch", "ids": [a, b], "sizes": [65536, 256], "usage": ["uniform_buffer"], "memory": "dynamic", "align": 1024}]
        for inner in range(2):
            host = next(given) if turn or inner else 9
            events += [{"op": "host_alloc", "id": host, "size": 8, "category": "A"}, {"op": "host_free", "id": host}]
        events += [{"op": "free", "ids": [a, b]}]
    return scenario_of([*events, {"op": "defragment", "max_bytes_per_pass": 16777216, "select": {"min_size": 1048576}},
                        {"op": "budget", "heap": "device", "bytes": 2**30}, FRAME, {"op": "free", "ids": [mesh, 3]}])


class WritingTest(ProgramTest):
    def trace_of(self, path):
        """What `validate` says of the trace: events, frames where it counts them, and hash."""
        return re.search(r"(\d+) events.*hash (\w{16})", self.run_program("validate", path).out).groups()

    def test_short_forms_are_the_long_ones(self):
        short = self.trace_of(self.write("s.json", SHORT))
        self.assertEqual(short, self.trace_of(self.write("l.json", long_form())))
        self.run_program("expand", "s.json", "-o", "t.jsonl.zst", "-q")
        self.assertEqual(self.trace_of("t.jsonl.zst"), short)
        lines = "".join(json.dumps(event) + "\n" for event in SHORT["workload"]["events"])
        self.assertEqual(self.trace_of(self.write("t.jsonl", lines)), short)
        self.run_program("run", "s.json", "--device", SIMULATED, "--check", "-q", "-o", "r.json")
        self.assertEqual(len(self.report("r.json")["runs"]), self.strategy_count())

    def test_the_schema_takes_both_forms(self):
        schema = validator("scenario")
        for scenario in (SHORT, long_form()):
            self.assertEqual([error.message for error in schema.iter_errors(scenario)], [])
        for event in ({**BUFFER, "size": "4 MB"}, {**BUFFER, "id": ""}, {"op": "repeat", "times": 0, "events": [FRAME]},
                      {"op": "repeat", "times": 2, "events": []}, {**BUFFER, "sise": 1}):
            self.assertFalse(schema.is_valid(scenario_of([FRAME, event])), event)

    # What an editor shows when it completes.
    def test_every_op_and_field_of_the_schema_is_described(self):
        schema = json.loads(self.run_program("schema", "scenario").out)

        def target(node):
            return target(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]) | node if "$ref" in node else node

        def fields(node):
            for key, field in node.get("properties", {}).items():
                yield key, target(field)
        ops = schema["$defs"]["event"]["oneOf"]
        known = {name for op in ops for name in ([op["properties"]["op"]["const"]])}
        self.assertLess({"frame", "buffer", "image", "repeat", "host_free", "barrier"}, known)
        objects = [schema, *ops, *(node for name, node in schema["$defs"].items() if name in ("expectation", "part") or name.startswith("generator_"))]
        for node in objects:
            for key, field in fields(node):
                with self.subTest(f"{node.get('description')}: {key}"):
                    self.assertTrue(node.get("description") or node.get("oneOf"))
                    self.assertTrue(field.get("description") or key in ("op", "generator"), field)
        optional = {key for op in ops for key, field in fields(op) if "default" in field}
        self.assertLessEqual({"lane", "mips", "layers", "samples", "tiling", "evictable", "tag", "align", "passes_per_frame", "algorithm"}, optional)

    def test_generators_take_sizes_too(self):
        def generated(size):
            return self.trace_of(self.write("g.json", {**scenario_of([]), "workload": {
                "generator": "churn", "scale": 0.05, "max_live_bytes": size}}))
        self.assertEqual(generated("64 MiB"), generated(67108864))
        hashes = {self.run_program("expand", "churn", "--set", "scale=0.05", "--set", f"max_live_bytes={size}", "-o", "t.jsonl").err
                  for size in ("1 MiB", "1MiB", "0.0009765625 GiB", "1048576")}
        self.assertEqual(len(hashes), 1)
        self.run_program("run", "churn", "--set", "scale=0.01", "--device", SIMULATED, "-o", "r.json", "-q",
                         "--strategy", "vma{preferred_block_bytes=64 MiB}")
        self.assertEqual(self.report("r.json")["runs"][0]["strategy"]["parameters"]["preferred_block_bytes"], 67108864)

    def test_names_of_objects_are_in_messages(self):
        path = self.write("s.json", scenario_of([FRAME, {**BUFFER, "id": "mesh", "size": "64 GiB"}]))
        self.run_program("run", path, "--device", SIMULATED, "--strategy", "vma", "-o", "r.json", "-q")
        self.assertIn("buffer mesh of", json.dumps(self.report("r.json")["runs"][0]["events"]))

    def test_errors_are_told_together(self):
        events = [FRAME, {"op": "bufer"}, {**BUFFER, "size": "x"}, {"op": "free", "id": 1}, {"op": "free", "id": "b"},
                  {"op": "repeat", "times": 2, "events": [FRAME, {"op": "touch", "id": "c"}]}]
        text = ('{"schema": "vkmembench.scenario/1", "name": "s", "sede": 1, "workload": {"events": [\n' +
                ",\n".join(map(json.dumps, events)) + "]}}")
        self.write("s.json", text)
        for command in (["validate", "s.json"], ["run", "s.json", "--device", SIMULATED], ["expand", "s.json", "-o", "t.jsonl"]):
            with self.subTest(command[0]):
                before = self.files()
                process = self.run_program(*command, code=2)
                lines = process.err.splitlines()
                for line, where in zip(lines, ("s.json:1: /sede: unknown key", "s.json:3: /workload/events/1: unknown op",
                                               "s.json:4: /workload/events/2: 'size' \"x\"", "s.json:6: /workload/events/4: object b is not live",
                                               "s.json:7: /workload/events/5/events/1: object c is not live"), strict=False):
                    self.assertTrue(line.startswith(where), line)
                self.assertEqual(len(lines), 6)
                self.assertTrue(lines[-1].startswith("vkmembench: 5 errors, the first: s.json:1: /sede"))
                self.assertEqual((process.out, self.files()), ("", before))

    def test_no_more_than_ten_errors_are_told(self):
        path = self.write("s.json", scenario_of([FRAME, *({"op": "free", "id": i} for i in range(40))]))
        lines = self.run_program("validate", path, code=2).err.splitlines()
        self.assertEqual(len(lines), 11)
        self.assertIn("10 errors, and none is looked for after them", lines[-1])

    def test_new_scenario(self):
        process = self.run_program("new", "scenario", "my_scene-2")
        self.assertEqual(list(self.files()), ["my_scene-2.json"])
        for command in re.findall(r"^  vkmembench ([^>#\n]+)", process.out, re.MULTILINE):
            with self.subTest(command):
                self.run_program(*command.split())
        scenario = json.loads((self.folder / "my_scene-2.json").read_text())
        self.assertEqual([error.message for error in validator("scenario").iter_errors(scenario)], [])
        self.assertGreater(json.dumps(scenario).count('"comment"'), 4)
        self.assertEqual(self.report("my_scene-2.report.json")["scenario"]["name"], "my_scene-2")

    def test_a_seed_that_nothing_draws_from_is_told(self):
        path = self.write("s.json", scenario_of([FRAME, BUFFER]))
        says = "--seed 5 changes nothing: 'test' has no generator"
        self.assertIn(says, self.run_program("expand", path, "-o", "t.jsonl", "--seed", "5").err)
        self.assertIn(says, self.run_program("run", path, "--device", SIMULATED, "--seed", "5", "-o", "r.json").err)
        self.assertNotIn("changes nothing", self.run_program("expand", "churn", "-o", "t.jsonl", "--seed", "5", "--set", "scale=0.01").err)

    def test_globs_of_no_strategy_are_told(self):
        path = self.write("s.json", {**scenario_of([FRAME, BUFFER]), "must_fit": ["core-*", "vmaa"],
                                     "expect": [{"metric": "leak.count", "max": 0, "strategies": ["cor-*"]}]})
        for command in (["validate", path], ["run", path, "--device", SIMULATED, "--strategy", "null", "-o", "r.json"]):
            process = self.run_program(*command)
            self.assertIn("/must_fit: 'vmaa' matches no strategy (did you mean 'vma'?)", process.err)
            self.assertIn("/expect/0/strategies: 'cor-*' matches no strategy", process.err)
            self.assertNotIn("'core-*'", process.err)
