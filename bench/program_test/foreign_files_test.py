"""Files of other programs, and ours in the wrong place: the error says what they are and what to do."""
import json

from program import BUFFER, FRAME, SIMULATED, SOURCE, ProgramTest, profile_of, scenario_of

FILES = {
    "vma.json": (json.dumps({"General": {"API": "Vulkan", "GPU": "g"}, "Total": {"BlockCount": 1, "BlockBytes": 65536, "AllocationCount": 1,
                             "AllocationBytes": 4096, "UnusedRangeCount": 1}, "MemoryInfo": {}}, indent=1), "statistics of VMA"),
    "calls.csv": ("Vulkan Memory Allocator,Calls recording\n1,8\nConfig,Begin\nVulkanApiVersion,1,0\nConfig,End\n", "VmaReplay"),
    "info.txt": ("==========\nVULKANINFO\n==========\n\nVulkan Instance Version: 1.2.131\n\nGPU0:\n\tapiVersion = 4198519\n", "vulkaninfo"),
    "profiles.json": (json.dumps({"$schema": "https://schema.khronos.org/vulkan/profiles-0.8.2-1.3.json#", "capabilities": {"device": {}},
                                  "profiles": {"VP_X": {}}}), "Vulkan profile"),
    "caps.json": (json.dumps({"device": {}, "environment": {"appversion": "3.4", "reportversion": "3.2"}}), "Hardware Capability Viewer"),
    "override.json": (json.dumps({"file_format_version": "1.2.0", "layer": {"name": "VK_LAYER_LUNARG_override"}}), "vkconfig"),
}


class ForeignFilesTest(ProgramTest):
    def test_every_reader_says_what_it_was_given(self):
        self.run_program("run", "churn", "--set", "scale=0.01", "--strategy", "null", "--device", SIMULATED, "-o", "r.json", "-q")
        policy = self.write("p.json", (SOURCE / "reports" / "gate.json").read_text())
        for name, (text, what) in FILES.items():
            self.write(name, text)
            for arguments in (["run", name, "--device", SIMULATED], ["validate", name], ["expand", name, "-o", "t.jsonl"],
                              ["run", "churn", "--device", f"sim:{name}"], ["report", name], ["compare", "r.json", name],
                              ["gate", "r.json", "r.json", "--policy", name], ["gate", name, "r.json", "--policy", policy]):
                with self.subTest(" ".join(arguments)):
                    self.assert_refused(*arguments, says=[f"{name}: is ", what, "; "])

    def test_a_strategy_file_too(self):
        self.write("vma.json", FILES["vma.json"][0])
        self.assert_refused("run", "churn", "--device", SIMULATED, "--strategy", "vma.json",
                            says=["vma.json: is statistics of VMA", "not a strategy"])

    def test_ours_in_the_wrong_place(self):
        self.run_program("run", "churn", "--set", "scale=0.01", "--strategy", "null", "--device", SIMULATED, "-o", "report.json", "-q")
        self.run_program("expand", "churn", "--set", "scale=0.01", "-o", "t.jsonl", "-q")
        (self.folder / "t.jsonl").rename(self.folder / "trace.json")
        self.write("scenario.json", scenario_of([FRAME, BUFFER]))
        self.write("profile.json", profile_of())
        self.write("strategy.json", {"preset": "vma"})
        self.write("policy.json", (SOURCE / "reports" / "gate.json").read_text())
        takes = {"scenario": ["expand", "{}", "-o", "x.jsonl"], "profile": ["run", "churn", "--device", "sim:{}"], "report": ["report", "{}"],
                 "strategy": ["run", "churn", "--device", SIMULATED, "--strategy", "{}"],
                 "policy": ["gate", "report.json", "report.json", "--policy", "{}"]}
        named = {"profile": "a device profile", "trace": "a trace"}
        for kind in (*takes, "trace"):
            for reader, arguments in takes.items():
                if reader == kind:
                    continue
                with self.subTest(f"{kind} as {reader}"):
                    self.assert_refused(*(word.format(f"{kind}.json") for word in arguments), says=[
                        f"{kind}.json: is {named.get(kind, 'a ' + kind)}, not {named.get(reader, 'a ' + reader)}; "])
