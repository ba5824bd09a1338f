"""Lanes: those that events are on count, whatever their numbers, up to a bound."""
import json

from program import FRAME, SIMULATED, UPLOAD, ProgramTest

MOST = 256


def of_lane(lane, number):
    """A buffer that the lane makes, fills and frees."""
    return [{**UPLOAD, "id": number, "lane": lane}, {"op": "write", "id": number, "offset": 0, "size": 4096, "lane": lane},
            {"op": "free", "id": number, "lane": lane}]


class LanesTest(ProgramTest):
    def trace(self, lanes, more=()):
        events = [FRAME, *(event for number, lane in enumerate(lanes) for event in of_lane(lane, number)), *more]
        return self.write("t.jsonl", "".join(json.dumps(event) + "\n" for event in events))

    def run_concurrently(self, lanes):
        self.run_program("run", self.trace(lanes), "--device", SIMULATED, "--replay", "concurrent", "--check", "-o", "r.json",
                         "-q")
        report = self.report("r.json")
        self.assertEqual(report["scenario"]["lane_count"], len(lanes))
        for run in report["runs"]:
            self.assertEqual((run["status"], run["checks"]["violations"]), ("ok", []))

    def test_a_high_number_of_a_trace_of_two_objects(self):
        self.run_concurrently([0, 65535])

    def test_as_many_as_there_may_be(self):
        self.run_concurrently([lane * 257 for lane in range(MOST)])

    def test_more_than_there_may_be(self):
        trace = self.trace(range(MOST), [{"op": "barrier", "lane": 300}])
        self.assert_refused("run", trace, "--device", SIMULATED, "-o", "r.json",
                            says=[f"t.jsonl:{2 + 3 * MOST}:", "lane 300 ", f"{MOST} lanes"])
