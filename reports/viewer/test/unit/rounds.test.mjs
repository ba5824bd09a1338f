import assert from "node:assert/strict";
import { test } from "node:test";

import { tableColumns } from "../../src/columns.js";
import { winners } from "../../src/findings.js";
import { medianInterval } from "../../src/rounds.js";
import { metric, reportOf, run, time } from "./fixture.mjs";

const repeats = (name, values, more = {}) => values.map((value, repeat) =>
  run(name, [time("time.frame_ns.p99", value, { n: 1000 }), metric("mem.reserved_peak_bytes", 7)], { clock: "wall", repeat, ...more }));

test("the interval of the median is that of order statistics", () => {
  const ranks = (n) => medianInterval(Array.from({ length: n }, (_, i) => i + 1));
  const known = [[1, null], [5, null], [6, [1, 6]], [8, [1, 8]], [9, [2, 8]], [12, [3, 10]], [17, [5, 13]], [20, [6, 15]]];
  for (const [n, wanted] of known) assert.deepEqual(ranks(n), wanted, `${n}`);
});
test("repeats of old reports are the rounds of one run", () => {
  const report = reportOf([...repeats("a", [40, 10, 30, 20, 60, 50]), ...repeats("b", [1, 1, 1, 1, 1, 900])]);
  assert.deepEqual(report.runs.map(({ name, rounds, index }) => [name, rounds, index]), [["a", 6, 0], ["b", 6, 1]]);
  const { value, low, high, n } = report.runs[0].metric("time.frame_ns.p99");
  assert.deepEqual([value, low, high, n], [35, 10, 60, 6000]);
  const frames = tableColumns(report.runs).find(({ title }) => title === "frame p99");
  assert.deepEqual(frames.cells.map(({ mark }) => mark), ["", ""]);
});
test("the best of five repeats wins nothing against the first of another", () => {
  const report = reportOf([...repeats("vma", [100, 101, 102, 99, 100]), ...repeats("core", [200, 1, 200, 200, 200])]);
  assert.equal(report.runs.length, 2);
  assert.deepEqual(winners(report).map(({ title }) => title), ["Lowest peak reserved memory"]);
});
test("repeats that differ in an exact metric, failed or broke a check say so", () => {
  const runs = repeats("a", [1, 2]);
  runs[1].metrics[1].value = 8;
  runs[1].status = "failed";
  runs[1].checks = { violations: ["overlap"] };
  const [folded] = reportOf(runs).runs;
  assert.equal(folded.metric("mem.reserved_peak_bytes").class, "noisy");
  assert.equal(folded.status, "failed");
  assert.deepEqual(folded.checks.violations, ["overlap"]);
});
test("histograms of repeats are merged", () => {
  const histogram = (bins) => ({ id: "h", count: bins.length, sum: 1, min: bins[0], max: bins.at(-1), sub_bits: 6, bins: bins.map((bin) => [bin, 1]) });
  const [folded] = reportOf([[1, 2], [2, 5]].map((bins, repeat) => run("a", [], { repeat, histograms: [histogram(bins)] }))).runs;
  assert.deepEqual(folded.histogram("h"), { id: "h", count: 4, sum: 2, min: 1, max: 5, sub_bits: 6, bins: [[1, 1], [2, 2], [5, 1]] });
});
test("a damaged report with repeats opens, the same repeat twice is shown twice", () => {
  const damaged = [null, { repeat: 1, metrics: [null] }, { repeat: 2, metrics: 7, histograms: {} }];
  const { runs } = reportOf([...repeats("a", [1, 2]), ...repeats("a", [3]), ...damaged]);
  assert.deepEqual(runs.slice(0, 2).map(({ name, rounds }) => [name, rounds]), [["a", 2], ["a (2)", 1]]);
});
