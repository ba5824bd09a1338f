// Stores: their cells, the matrix of them, and how figures go over commits.
import assert from "node:assert/strict";
import { test } from "node:test";

import "./fixture.mjs";
import { changePoints } from "../../src/change_points.js";
import { columnsFor } from "../../src/metrics.js";
import { badness, matrixOf } from "../../src/matrix.js";
import { readStore } from "../../src/store.js";
import { changesOf, trendOf } from "../../src/trend.js";

const KINDS = {
  "mem.reserved_peak_bytes": { unit: "bytes", class: "exact", better: "lower" },
  "time.frame_ns.p99": { unit: "ns", class: "noisy", better: "lower" },
};
const cell = (strategy, reserved, more = {}) => ({
  cell: 1, name: `${strategy}-${reserved}`, report: "ab".repeat(32), scenario: { name: "churn", seed: 7, trace_hash: "1" }, set: {}, device: "sim:a",
  requirements_hash: "2", strategy: { name: strategy, parameters: { arenas: 2 } }, repeat: 1, rounds: 1, clock: "model", replay: "ordered", warnings: [],
  metrics: { "mem.reserved_peak_bytes": reserved }, ...more,
});
const storeOf = (cells, more = {}) => readStore(JSON.stringify([{
  schema: "vkmembench.store/1", tool: { version: "0.1.0", git_sha: "0123456789abcdef" }, cells: cells.length, missing: [],
  devices: { "sim:a": { name: "A", simulated: true }, "sim:b": { name: "B", simulated: true } }, metrics: KINDS, ...more,
}, ...cells]), "results");
const reserved = () => columnsFor("page").find(({ id }) => id === "mem.reserved_peak_bytes");

test("cells have what the first line says of all", () => {
  const store = storeOf([cell("vma", 5)], { missing: [{ cell: 2, name: "x", why: "never run" }] });
  const id = "mem.reserved_peak_bytes";
  assert.deepEqual(store.cells[0].run.metric(id), { id, n: 0, ...KINDS[id], value: 5 });
  assert.equal(store.label, "0123456789ab");
  assert.deepEqual([store.cells[0].device, store.cells[0].scenario], ["A (simulated)", "churn"]);
  assert.deepEqual(store.missing, [{ name: "x", why: "never run" }]);
});

test("what is no store says so", () => {
  assert.throws(() => readStore("[]", "r"), /r: is no store/);
  assert.throws(() => readStore('[{"schema": "vkmembench.store/2"}]', "r"), /r: is vkmembench.store\/2/);
});

test("scenarios of one name are told apart by settings and seeds, where there are several", () => {
  const store = storeOf([
    cell("vma", 1, { set: { scale: "1" }, scenario: { name: "churn", seed: 1, trace_hash: "1" } }),
    cell("vma", 1, { set: { scale: "1" }, scenario: { name: "churn", seed: 2, trace_hash: "2" } }),
    cell("vma", 1, { set: { scale: "2" }, scenario: { name: "churn", seed: 1, trace_hash: "3" } }),
    cell("vma", 1, { set: { scale: "2" }, scenario: { name: "soak", seed: 1, trace_hash: "4" } }),
  ]);
  assert.deepEqual(store.along("scenario"), ["churn scale=1 seed 1", "churn scale=1 seed 2", "churn scale=2", "soak"]);
});

test("a matrix holds each place once, shaded by the best of its device and scenario", () => {
  const store = storeOf([cell("null", 0), cell("vma", 200), cell("dedicated", 100), cell("vma", 10, { device: "sim:b" })]);
  const [a, b] = matrixOf(store, reserved(), "device");
  assert.deepEqual(a.columns, ["null", "vma", "dedicated"]);
  assert.deepEqual(a.rows[0].cells.map((each) => each.badness), [null, 0.5, 0]);
  assert.deepEqual(a.rows[0].cells.map((each) => each.times), [null, 2, 1]);
  assert.deepEqual(b.rows[0].cells.map((each) => each.cells.length), [0, 1, 0]);
  for (const split of ["scenario", "strategy"]) {
    const places = matrixOf(store, reserved(), split).flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.flatMap((each) => each.cells)));
    assert.equal(new Set(places).size, 4, split);
  }
});

test("who refuses more than others is not the measure of them", () => {
  const refusing = (strategy, reserved, failed) => cell(strategy, reserved, { metrics: { "mem.reserved_peak_bytes": reserved, "alloc.failed_count": failed } });
  const store = storeOf([refusing("null", 0, 0), refusing("dedicated", 4, 90), refusing("vma", 200, 2), refusing("core-default", 100, 2)]);
  assert.deepEqual(matrixOf(store, reserved(), "device")[0].rows[0].cells.map((each) => each.badness), [null, null, 0.5, 0]);
});

test("repeats that differ are their median, from the least to the largest", () => {
  const store = storeOf([3, 1, 2, 8].map((value, i) => cell("vma", value, { repeat: i + 1 })));
  const { of } = matrixOf(store, reserved(), "device")[0].rows[0].cells[0];
  assert.deepEqual([of.value, of.low, of.high, of.isExact], [2.5, 1, 8, false]);
});

test("badness", () => {
  assert.equal(badness(4, 4, "lower"), 0);
  assert.equal(badness(40, 4, "lower"), 1);
  assert.equal(badness(4, 16, "higher"), 1);
  assert.equal(badness(5, 0, "lower"), 1);
  assert.equal(badness(0, 0, "lower"), 0);
  for (const nothing of [badness(null, 4, "lower"), badness(4, null, "lower"), badness(4, 2, "neither")]) assert.equal(nothing, null);
});

test("exact values change wherever they differ, noisy ones where their level does", () => {
  assert.deepEqual(changePoints([1, 1, 2, 2, 1], true), [2, 4]);
  assert.deepEqual(changePoints([100, 101, 99, 100, 120, 121, 119, 120], false), [4]);
  assert.deepEqual(changePoints([100, 103, 98, 101, 99, 102, 97, 101], false), []);
  assert.deepEqual(changePoints([100, 100, 100, 101, 101, 101], false), []);  // less than 2 %
  assert.deepEqual(changePoints([100, 120], false), []);
});

test("a trend has a value a store, and skips other traces", () => {
  const stores = [1, 1, 2].map((value) => storeOf([cell("vma", value), cell("null", value)]));
  stores.unshift(storeOf([cell("vma", 9, { scenario: { name: "churn", seed: 7, trace_hash: "other" } })]));
  const place = { device: "A (simulated)", scenario: "churn", strategy: "vma" };
  assert.deepEqual(trendOf(stores, place, reserved()), { values: [null, 1, 1, 2], changes: [{ at: 3, before: 1, after: 2 }] });
  assert.deepEqual(changesOf(stores, reserved()), [{ place, at: 3, before: 1, after: 2 }]);
});
