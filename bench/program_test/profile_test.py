"""Profiles made of what tools say of real devices: replayed on, and refused with the reason."""
import json
import re
import subprocess

from program import PROGRAM, SOURCE, ProgramTest

DEVICE = {
    "VkPhysicalDeviceProperties": {
        "apiVersion": 4206592, "driverVersion": 1, "vendorID": 4098, "deviceID": 29695, "deviceType": 2, "deviceName": "A card of mine",
        "limits": {"maxMemoryAllocationCount": 4096, "bufferImageGranularity": 1},
    },
    "VkPhysicalDeviceMemoryProperties": {
        "memoryHeaps": [{"flags": 0, "size": 8 << 30}, {"flags": 1, "size": 4 << 30}],
        "memoryTypes": [{"heapIndex": 1, "propertyFlags": 1}, {"heapIndex": 0, "propertyFlags": 6}, {"heapIndex": 0, "propertyFlags": 14}],
    },
}


class ProfileTest(ProgramTest):
    def test_a_profile_to_run_on(self):
        said = self.run_program("profile", "import", self.write("dump.json", DEVICE), "-o", "card.json").err
        self.assertIn("A card of mine: identity, memory and limits from simulation", said)
        self.assertIn("assumed as amd-rx-6600", said)
        self.run_program("validate", "card.json")
        self.run_program("run", "churn", "--set", "scale=0.02", "--device", "sim:card.json", "--strategy", "vma,core-default", "--check",
                         "-o", "r.json", "-q")
        device = self.report("r.json")["device"]
        self.assertEqual(device["name"], "A card of mine")
        self.assertEqual([heap["size_bytes"] for heap in device["heaps"]], [8 << 30, 4 << 30])
        self.assertIn("imported", json.dumps(device["provenance"]))
        self.assertIn("assumed", json.dumps(device["provenance"]))

    def test_to_stdout(self):
        out = self.run_program("profile", "import", self.write("dump.json", DEVICE), "-o", "-").out
        self.assertEqual(json.loads(out)["name"], "A card of mine")

    def test_shown_to_people(self):
        self.run_program("profile", "import", self.write("dump.json", DEVICE), "-o", "card.json")
        shown = self.run_program("profile", "show", "card.json").out
        for said in ("A card of mine (discrete)", "8.00 GiB", "4.00 GiB", "device_local", "4,096", "Kept one by one", "allocate_memory",
                     "imported", "assumed"):
            self.assertIn(said, shown)
        self.assertIn("NVIDIA GeForce RTX 3090", self.run_program("profile", "show", "nvidia-rtx-3090").out)

    def test_refused_and_nothing_written(self):
        dump = self.write("dump.json", DEVICE)
        for typed, says in {
            ("profile", "import", "missing.txt", "-o", "card.json"): ["missing.txt"],
            ("profile", "import", self.write("notes.txt", "hello\n"), "-o", "card.json"): ["tells of no device", "vulkaninfo"],
            ("profile", "import", dump, "--gpu", "1", "-o", "card.json"): ["tells of 1 device"],
            ("profile", "import", dump, "--like", "nvidia", "-o", "card.json"): ["--like nvidia", "nvidia-rtx-3090"],
            ("profile", "show"): ["needs a profile"],
            ("profile", "show", "nvidia"): ["nvidia-rtx-3090"],
            ("profile", "show", "nvidia-rtx-3090", "-o", "card.json"): ["takes no -o"],
            ("profile", "show", "nvidia-h200", "--like", "amd-rx-6600"): ["takes no --like", "profile import does"],
            ("profile", "import", dump, "--device", "0", "-o", "card.json"): ["takes no --device", "profile capture does"],
            ("profile", "capture", "--gpu", "1", "-o", "card.json"): ["takes no --gpu"],
            ("profile", "import", dump): ["needs -o"],
            ("profile", "export", dump, "-o", "card.json"): ["import"],
            ("profile", "import", dump, "-o", dump): ["dump.json"],
        }.items():
            with self.subTest(typed):
                self.assert_refused(*typed, says=says)
                self.assertFalse((self.folder / "card.json").exists())

    def test_a_captured_device_replays_as_itself(self):
        """Every exact figure of every strategy agrees, the real device's with its profile's. A recorded scenario has no scale."""
        self.run_program("profile", "capture", "--device", "cpu", "--scenarios", "churn", "--scenarios", "vkcube", "-o", "cpu.json")
        self.run_program("validate", "cpu.json")
        profile = json.loads((self.folder / "cpu.json").read_text())
        self.assertEqual({row["kind"] for row in profile["provenance"].values()}, {"captured"})
        self.assertLess((self.folder / "cpu.json").stat().st_size, 400_000)
        for call in ("allocate_memory", "create_buffer", "bind_image_memory", "queue_submit", "wait_for_fences", "device_wait_idle",
                     "cmd_copy_buffer", "cmd_copy_buffer_to_image", "create_fence", "begin_command_buffer", "update_descriptor_sets"):
            with self.subTest(call):
                points = [point for curve in profile["costs"][call]["curves"] for point in curve["points"]]
                self.assertGreater(max(point[1] for point in points), 0)
        exact = []
        for device, report in (("cpu", "real.json"), ("sim:cpu.json", "simulated.json")):
            self.run_program("run", "churn", "--set", "scale=0.02", "--device", device, "--strategy", "all", "--repeat", "1",
                             "-o", report, "-q")
            exact.append({(run["strategy"]["name"], row["id"], json.dumps(row.get("scope"))): row["value"]
                          for run in self.report(report)["runs"] for row in run["metrics"] if row["class"] == "exact"})
        real, simulated = exact
        self.assertGreater(len(real), 500)
        self.assertEqual(real, {key: simulated.get(key) for key in real})

    def test_shipped_captures_still_agree_with_their_devices(self):
        """What an H200 and lavapipe did, to the byte of every exact metric; scripts/nightly compares every scenario."""
        for device in ("nvidia-h200", "lavapipe"):
            with self.subTest(device):
                ran = subprocess.run([SOURCE / "scripts/prove-profile", device, "--real", SOURCE / "reports/samples/real" / device,
                                      "--program", PROGRAM, "churn", "staging_ring", "vkcube"],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
                if "was measured with VMA" in ran.stderr:
                    self.skipTest(ran.stderr)
                self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
                compared, unequal = re.search(r"(\d+) exact metrics, (\d+) unequal", ran.stdout).groups()
                self.assertGreater(int(compared), 2000)
                self.assertEqual(int(unequal), 0)

    def test_shipped_captures_see_a_device_that_differs(self):
        profile = json.loads((SOURCE / "scenarios/devices/lavapipe.json").read_text())
        for rule in profile["requirements"]["buffers"]:
            rule["alignment"] *= 16
        ran = subprocess.run([SOURCE / "scripts/prove-profile", self.write("other.json", profile), "--real",
                              SOURCE / "reports/samples/real/lavapipe", "--program", PROGRAM, "churn"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=self.folder)
        if "was measured with VMA" in ran.stderr:
            self.skipTest(ran.stderr)
        self.assertEqual(ran.returncode, 3, ran.stdout + ran.stderr)
        self.assertIn("simulated", ran.stdout)

    def test_a_capture_of_no_device_writes_nothing(self):
        for typed in (("--device", "sim:amd-rx-6600"), ("--device", "sim:all")):
            said = self.run_program("profile", "capture", *typed, "-o", "card.json", code=2).err
            self.assertIn("one Vulkan device", said)
            self.assertFalse((self.folder / "card.json").exists())
