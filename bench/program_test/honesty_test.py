"""What a run could not do as asked is said: which limit refused, what was left out, which call was forbidden."""
from program import BUFFER, FRAME, IMAGE, SIMULATED, ProgramTest, metric, profile_of, scenario_of

MIB = 1 << 20


def reported(run, name):
    """A metric's whole entry."""
    return next(entry for entry in run["metrics"] if entry["id"] == name and "scope" not in entry)


class HonestyTest(ProgramTest):
    def run_events(self, events, *arguments, profile=None, code=0, **keys):
        """Runs the events on the profile; the report and what was said."""
        device = SIMULATED if profile is None else f"sim:{self.write('p.json', profile)}"
        scenario = self.write("s.json", scenario_of(events, **keys))
        process = self.run_program("run", scenario, "--device", device, "--clock", "model", "-o", "r.json", "-q", *arguments,
                                   code=code)
        return self.report("r.json"), process

    def test_a_refusal_names_the_limit_and_what_helps(self):
        profile = profile_of()
        profile["limits"]["maxMemoryAllocationSize"] = 2147483648
        events = [FRAME, {**BUFFER, "size": 2166360064}]
        report, process = self.run_events(events, "--strategy", "dedicated,vma,core-default", profile=profile, code=7,
                                          must_fit=["*"])
        self.assert_one_line(process.err, "dedicated, vma, core-default", "18876416", "maxMemoryAllocationSize (2147483648)",
                             "split it")
        self.assertNotIn("smaller scale", process.err)
        for run in report["runs"]:
            [refusal] = [event for event in run["events"] if event["kind"] == "refusal"]
            self.assertIn("18876416 more than maxMemoryAllocationSize", refusal["text"])

    def test_strategies_that_met_other_limits_have_a_clause_each(self):
        profile = profile_of(heap_bytes=64 * MIB)
        profile["limits"]["maxMemoryAllocationCount"] = 20
        events = [FRAME] + [{**BUFFER, "id": i, "size": 2 * MIB} for i in range(100)]
        _, process = self.run_events(events, "--strategy", "dedicated,vma", profile=profile, code=7, must_fit=["*"])
        self.assert_one_line(process.err, "maxMemoryAllocationCount allows (20)", "more memory helps nothing", "of heap",
                             "a device with more memory")

    def test_an_unsupported_image_is_not_blamed_on_its_format(self):
        image = {**IMAGE, "extent": [64, 64, 64], "tiling": "linear"}
        report, process = self.run_events([FRAME, image], code=5)
        self.assert_one_line(process.err, "nothing was measured", "3D", "linear tiling", "usage transfer_src|transfer_dst|sampled",
                             "format_not_supported", "with optimal tiling", "as a 2D image")
        for run in report["runs"]:
            self.assertIn("as a 2D image", run["events"][0]["text"])

    def test_the_ratio_to_live_is_over_what_was_served(self):
        linear = {**IMAGE, "id": 2, "extent": [64, 64, 64], "tiling": "linear"}
        report, process = self.run_events([FRAME, BUFFER, linear], "--strategy", "dedicated")
        ratio = reported(report["runs"][0], "mem.reserved_over_live_ratio")
        self.assertEqual(ratio["value"], 1.0)
        self.assertEqual(ratio["note"], "over what was served: 1 unsupported of 2 requests")
        self.assertIn("1.00*", process.out)
        self.assertIn("*: / live of all: over what was served: 1 unsupported of 2 requests", process.out)

    def test_storage_images_have_the_samples_that_drivers_allow(self):
        image = {**IMAGE, "format": "R16G16B16A16_SFLOAT", "usage": ["storage"], "samples": 4}
        for name in ("nvidia-rtx-3090", "amd-rx-6600"):
            report, _ = self.run_events([FRAME, image], "--strategy", "dedicated", "--check", profile=profile_of(name))
            self.assertEqual(metric(report["runs"][0], "alloc.count"), 1)

    def test_a_wanted_property_that_is_not_to_be_had(self):
        events = [FRAME, {**IMAGE, "usage": ["color_attachment", "transient_attachment"], "memory": "transient"},
                  {**IMAGE, "id": 2}]
        report, _ = self.run_events(events, "--strategy", "dedicated")
        [warning] = [entry for entry in report["quality"]["warnings"] if entry["code"] == "unmet_preference"]
        self.assertIn("1 transient request would rather have lazily_allocated memory", warning["text"])
        self.assertLess(metric(report["runs"][0], "placement.preferred_ratio"), 1)
        self.assertGreater(metric(report["runs"][0], "placement.preferred_ratio"), 0)

    def test_budgets_that_say_nothing(self):
        profile = profile_of()
        profile["heaps"][0]["budget_bytes"] = 18446744073271062528
        profile["heaps"][1]["budget_bytes"] = 0
        report, _ = self.run_events([FRAME, BUFFER], "--check", profile=profile)
        self.assertEqual(report["device"]["heaps"][0]["budget_bytes"], 18446744073271062528)
        warnings = [entry["text"] for entry in report["quality"]["warnings"] if entry["code"] == "budget_unknown"]
        self.assertEqual(len(warnings), 2)
        self.assertIn("18446744073271062528", warnings[0])

    # VMA asks for the memory type that is wanted first, however small its heap.
    def test_an_allocation_larger_than_its_heap_is_a_forbidden_call(self):
        profile = profile_of()
        profile["heaps"][2]["size_bytes"] = profile["heaps"][2]["budget_bytes"] = 16 * MIB
        events = [FRAME, {**BUFFER, "size": 40 * MIB, "memory": "dynamic"}]
        report, _ = self.run_events(events, profile=profile)
        for run in report["runs"]:
            name = run["strategy"]["name"]
            calls = [event for event in run["events"] if event["kind"] == "invalid_call"]
            self.assertEqual(metric(run, "api.invalid_calls"), len(calls), name)
            self.assertEqual(len(calls) > 0, name.startswith("vma"), name)
            for call in calls:
                self.assertIn("01713", call["text"])
                self.assertIn("at event 1 (buffer)", call["text"])
        report, process = self.run_events(events, "--check", profile=profile, code=6)
        self.assert_one_line(process.err, "strategy vma", "vkAllocateMemory of 41943040 bytes", "01713")
        for run in report["runs"]:
            self.assertEqual(bool(run["checks"]["violations"]), run["strategy"]["name"].startswith("vma"))

    def test_calls_at_set_up_have_rows_of_their_own(self):
        report, _ = self.run_events([FRAME, BUFFER], "--strategy", "core-pools,core-default")
        pools, default = report["runs"]
        self.assertGreater(metric(pools, "setup.allocate_memory_count"), 0)
        self.assertGreater(metric(pools, "setup.calls_count"), metric(pools, "setup.allocate_memory_count"))
        self.assertEqual(metric(default, "setup.allocate_memory_count"), 0)
        self.assertEqual(metric(default, "teardown.allocate_memory_count"), 0)
        self.assertGreater(metric(default, "teardown.calls_count"), 0)

    def test_what_was_cut_is_said_and_totals_are_whole(self):
        events = [FRAME] + [{**BUFFER, "id": i, "size": 1000 + 16 * i} for i in range(3000)]
        events.append({"op": "snapshot", "label": "full"})
        report, process = self.run_events(events, "--strategy", "dedicated")
        [snapshot] = report["runs"][0]["snapshots"]
        self.assertGreater(snapshot["blocks_dropped"], 0)
        self.assertEqual(snapshot["blocks_total_bytes"], metric(report["runs"][0], "mem.reserved_peak_bytes"))
        self.assertEqual(snapshot["spans_total_bytes"], snapshot["blocks_total_bytes"])
        self.assertTrue(any("snapshots leave out" in line and "dedicated" in line
                            for line in report["quality"]["truncations"]))
        self.assertIn("cut short: snapshots leave out", process.out)
        markdown = self.run_program("report", "r.json", "--format", "md", "-o", "-").out
        self.assertIn("cut short: snapshots leave out", markdown)
