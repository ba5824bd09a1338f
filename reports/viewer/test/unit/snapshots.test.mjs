import assert from "node:assert/strict";
import { test } from "node:test";

import { compareSnapshots } from "../../src/snapshot_diff.js";
import { blocksToDraw, hasUnknownGaps, held, leftOut, live, peakOf, sizeOf } from "../../src/snapshots.js";
import { reportOf, run } from "./fixture.mjs";

const MIB = 2 ** 20;
const block = (id, mib, more = {}) => ({ id, heap: 0, type: 0, pool: "", size_bytes: mib * MIB, spans: [[0, mib * MIB, "buffer", 0]], ...more });
const FRAMES = [10, 19, 30];
// A run of one strategy that holds 600, then 700, then 100 MiB, with these snapshots at these frames.
const runOf = (snapshots, series = { frame: [9, 20, 30], columns: { "mem.reserved_bytes": { last: [600, 700, 100].map((mib) => mib * MIB) } } }) =>
  reportOf([run("dedicated", [], { tags: ["t"], series, snapshots: snapshots.map((each, i) => ({ label: `s${i}`, frame: FRAMES[i], ...each })) })]).runs[0];

test("a snapshot that is whole holds what it records", () => {
  const of = runOf([{ blocks: [block(1, 64), block(2, 32)] }]);
  assert.deepEqual(held(of, of.snapshots[0]), { bytes: 96 * MIB, isAbout: false });
  assert.equal(sizeOf(of, of.snapshots[0]), "2 blocks of 96.0 MiB");
  assert.equal(leftOut(of, of.snapshots[0]), "");
  assert.equal(blocksToDraw(of, of.snapshots[0]).length, 2);
});
test("what a cut one holds is its own total, else that of the series, else not known", () => {
  const cut = { blocks: [block(1, 64)], blocks_dropped: 5, spans_dropped: 5 };
  const exact = runOf([{ ...cut, blocks_total_bytes: 650 * MIB, spans_total_bytes: 640 * MIB }]);
  assert.deepEqual(held(exact, exact.snapshots[0]), { bytes: 650 * MIB, isAbout: false });
  assert.deepEqual(live(exact, exact.snapshots[0]), { bytes: 640 * MIB, isAbout: false });
  assert.equal(leftOut(exact, exact.snapshots[0]), "the 5 smallest blocks (586 MiB) and the 5 smallest allocations");
  const series = runOf([cut]);
  assert.deepEqual(held(series, series.snapshots[0]), { bytes: 700 * MIB, isAbout: true });
  assert.equal(sizeOf(series, series.snapshots[0]), "recorded are 1 of 6 blocks, 64.0 MiB of about 700 MiB");
  const rest = blocksToDraw(series, series.snapshots[0]).at(-1);
  assert.deepEqual([rest.isRest, rest.number, rest.size_bytes], [true, 5, 636 * MIB]);
  const neither = runOf([cut], {});
  assert.equal(held(neither, neither.snapshots[0]).bytes, null);
  assert.equal(sizeOf(neither, neither.snapshots[0]), "recorded are 1 of 6 blocks, 64.0 MiB");
  assert.equal(blocksToDraw(neither, neither.snapshots[0]).length, 1);
});
test("the map opens at the peak of what was held, not of what was recorded", () => {
  const cut = { blocks: [block(1, 8)], blocks_dropped: 90, spans_dropped: 90 };
  assert.equal(peakOf(runOf([{ blocks: [block(1, 64)] }, cut, { blocks: [block(1, 100)] }])), 1);
  assert.equal(peakOf(runOf([{ blocks: [block(1, 64)] }, { blocks: [block(1, 65)] }])), 1);
  assert.equal(peakOf(runOf([{ blocks: [] }])), 0);
});
test("gaps are free only where the report says where allocations lie", () => {
  const of = (more) => {
    const made = runOf([{ blocks: [block(1, 64, { spans: [[0, 4, "buffer", 0]], ...more.block })], ...more }]);
    return hasUnknownGaps(made, made.snapshots[0]);
  };
  assert.equal(of({}), false);
  assert.equal(of({ spans_dropped: 900 }), true);
  assert.equal(of({ spans_dropped: 900, block: { used: [[0, 99]] } }), false);
  assert.equal(of({ spans_dropped: 9, blocks_dropped: 9 }), false, "one allocation a block went with its block");
});
test("what the other snapshot may hold unrecorded was neither created nor freed", () => {
  const span = (size, i) => [i * 100, size, "buffer", 0];
  const before = { frame: 10, blocks: [{ ...block(1, 1), spans: [80, 50, 20].map(span) }], blocksDropped: 0, spansDropped: 0 };
  const after = { frame: 20, blocks: [{ ...block(1, 1), spans: [span(60, 5), span(30, 6)], created: [4, 15] }], blocksDropped: 0, spansDropped: 7 };
  const found = compareSnapshots(before, after, ["t"]);
  assert.deepEqual(found.freed, { count: 2, bytes: 130 }, "larger than the smallest that the other keeps");
  assert.deepEqual(found.unknown, { count: 1, bytes: 20 });
  assert.deepEqual(found.created, { count: 2, bytes: 90 });
  assert.deepEqual(found.fateBefore.get(before.blocks[0]), ["freed", "freed", "unknown"]);
  const back = compareSnapshots({ ...after, frame: 10 }, { ...before, frame: 20, blocks: [{ ...before.blocks[0], created: [5, 15, 5] }] }, ["t"]);
  assert.deepEqual(back.fateAfter.values().next().value, ["created", "created", "unknown"], "by size, by the frame of creation");
});
test("blocks that the other snapshot may hold unrecorded are neither new nor given back", () => {
  const of = (ids, blocksDropped) => ({ frame: 1, blocks: ids.map((id) => block(id, id)), blocksDropped, spansDropped: blocksDropped });
  const { blocks } = compareSnapshots(of([9, 7, 3], 0), of([9, 5], 40), ["t"]);
  assert.deepEqual([blocks.kept.count, blocks.created.count, blocks.freed.count, blocks.unknown.count], [1, 1, 1, 1]);
});
