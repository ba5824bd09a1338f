"""A few small runs, fast enough for a program built with sanitizers."""
import json

from program import BUFFER, FRAME, SIMULATED, ProgramTest, scenario_of


class SmokeTest(ProgramTest):
    def run_both(self, device):
        self.run_program("run", "churn", "dynamic_streaming", "--set", "scale=0.05", "--device", device, "--check", "-o",
                         "out/", "-q", timeout=300)
        for name in ("churn", "dynamic_streaming"):
            self.assertEqual(len(self.report(f"out/{name}.json")["runs"]), self.strategy_count())

    def test_simulated(self):
        self.run_both(SIMULATED)

    def test_lavapipe(self):
        self.needs_lavapipe()
        self.run_both("cpu")

    def test_refusals(self):
        self.assert_refused("run", "missing.json", says=["missing.json"])
        self.assert_refused("run", self.write("s.json", "{"), says=["s.json:1:"])
        self.assert_refused("run", self.write("s.json", scenario_of([FRAME, BUFFER, BUFFER])), says=["/workload/events/2"])

    def test_listings(self):
        self.assertTrue(json.loads(self.run_program("list", "metrics", "--json").out))
        self.run_program("doctor")
