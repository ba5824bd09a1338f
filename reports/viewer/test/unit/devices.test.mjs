import assert from "node:assert/strict";
import { test } from "node:test";

import { convergence, passesOf } from "../../src/defragmentation.js";
import { acrossDevices, commonStrategies, rankFlips, sameScenario } from "../../src/devices.js";
import { readReport } from "../../src/report.js";

const ID = "mem.reserved_peak_bytes";
const reportOf = (device, values, trace = "s") => readReport(JSON.stringify({
  schema: "vkmembench.report/1", scenario: { name: "s", trace_hash: trace }, device: { name: device },
  runs: Object.entries(values).map(([name, value]) => ({ strategy: { name }, metrics: [{ id: ID, value }] })),
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
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => [cell.ratio, cell.rank])), [[[1, 2], [1, 1]], [[0.5, 1], [1.5, 2]]]);
  assert.deepEqual(rankFlips(reports, ID), ["vma is below core on b, above it on a."]);
});
test("a difference within the margin is no flip, and a missing value no rank", () => {
  assert.deepEqual(rankFlips([reportOf("a", { x: 100, y: 101 }), reportOf("b", { x: 101, y: 100 })], ID), []);
  const { rows } = acrossDevices([reportOf("a", { x: null, y: 1 }), reportOf("b", { x: 1, y: null })], ID, String);
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => cell.rank)), [[null, 1], [1, null]]);
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
