import assert from "node:assert/strict";
import { test } from "node:test";

import { convergence, passesOf } from "../../src/defragmentation.js";
import { acrossDevices, commonStrategies, rankFlips, sameScenario } from "../../src/devices.js";
import { readReport } from "../../src/report.js";

const ID = "mem.reserved_peak_bytes";
const reportOf = (device, values, trace = "s", more = {}) => readReport(JSON.stringify({
  schema: "vkmembench.report/1", scenario: { name: "s", trace_hash: trace }, device: { name: device },
  runs: Object.entries(values).map(([name, value]) => ({ strategy: { name }, status: "ok", metrics: [{ id: ID, value, class: "exact", ...more }] })),
}), `${device}.json`);

test("devices of one scenario are compared, the shown report for its own", () => {
  const reports = [reportOf("a", {}), reportOf("a", {}), reportOf("b", {}), reportOf("c", {}, "other")];
  assert.deepEqual(sameScenario(reports, reports[1]), [reports[1], reports[2]]);
});
test("ratios are to the device's own baseline, and only common strategies are rows", () => {
  const reports = [reportOf("a", { null: 0, vma: 100, core: 50, extra: 1 }), reportOf("b", { core: 300, vma: 200 })];
  assert.deepEqual(commonStrategies(reports), ["vma", "core"]);
  const { baseline, rows } = acrossDevices(reports, ID, String);
  assert.equal(baseline, "vma");
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => [cell.ratio, cell.isLeast])), [[[1, false], [1, true]], [[0.5, true], [1.5, false]]]);
  assert.deepEqual(rankFlips(reports, ID), ["vma is below core on b, above it on a."]);
});
test("a difference within the margin is no flip, and neither is noise", () => {
  assert.deepEqual(rankFlips([reportOf("a", { x: 100, y: 101 }), reportOf("b", { x: 101, y: 100 })], ID), []);
  const noisy = [reportOf("a", { x: 100, y: 150 }, "s", { class: "noisy", low: 90, high: 160 }), reportOf("b", { x: 150, y: 100 })];
  assert.deepEqual(rankFlips(noisy, ID), []);
  assert.deepEqual(acrossDevices(noisy, ID, String).rows.map((row) => row.cells.map((cell) => cell.isLeast)), [[false, false], [false, true]]);
  const { rows } = acrossDevices([reportOf("a", { x: null, y: 1 }), reportOf("b", { x: 1, y: null })], ID, String);
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => [cell.text, cell.isLeast])), [[["n/a", false], ["1", false]], [["1", false], ["n/a", false]]]);
});
test("passes are read from the events as the program writes them", () => {
  const passes = passesOf({ events: [
    { kind: "defragmentation", frame: 310, text: "a pass moved 128 allocations of 9.29 MiB and gave 256 MiB back" },
    { kind: "refusal", frame: 311, text: "moved 1 allocations of 1 B and gave 1 B back" },
    { kind: "defragmentation", frame: 312, text: "a pass moved 1 allocation of 16 B and gave 0 B back" },
    { kind: "defragmentation", frame: 313, text: "something else" }] });
  assert.deepEqual(passes.map(({ frame, moves }) => [frame, moves]), [[310, 128], [312, 1]]);
  assert.equal(passes[0].freed, 256 * 2 ** 20);
  assert.deepEqual(convergence(passes).map((point) => point.freed), [0, 256 * 2 ** 20, 256 * 2 ** 20]);
  assert.equal(convergence(passes)[2].moved, 9.29 * 2 ** 20 + 16);
});
