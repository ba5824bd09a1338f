import assert from "node:assert/strict";
import { test } from "node:test";

import { at, bytesPerRow, groupBlocks, hit, layOut, ROW } from "../../src/map_layout.js";
import { compareSnapshots, firstPair } from "../../src/snapshot_diff.js";

const block = (id, size, spans = [], more = {}) => ({ id, heap: 0, type: 0, pool: "", size_bytes: size, spans, ...more });

test("every byte of every block is shown once, and what is under it is found", () => {
  const groups = groupBlocks([block(1, 1000), block(2, 5, [], { type: 1 }), block(3, 2500), block(4, 1)], () => "g");
  const layout = layOut(groups, 200, bytesPerRow(groups, 7));
  const shown = new Map();
  for (const segment of layout.segments) {
    assert.equal(segment.from, shown.get(segment.block.id) ?? 0);
    assert.ok(segment.x0 >= 0 && segment.x1 <= 200.001 && segment.x1 - segment.x0 >= 2.999, JSON.stringify(segment));
    assert.ok(segment.y + ROW.height <= layout.height);
    shown.set(segment.block.id, segment.to);
    const found = hit(layout, (segment.x0 + segment.x1) / 2, segment.y + 5);
    assert.equal(found.segment, segment);
    assert.ok(found.offset >= segment.from && found.offset < segment.to);
  }
  assert.deepEqual([...shown].sort((a, b) => a[0] - b[0]), [[1, 1000], [2, 5], [3, 2500], [4, 1]]);
  for (const a of layout.segments) {
    for (const b of layout.segments) assert.ok(a === b || a.y !== b.y || a.x1 <= b.x0 || b.x1 <= a.x0, "segments overlap");
  }
  assert.equal(hit(layout, 100, -1), null);
});
test("spans, free ranges, aliases and what the report left out", () => {
  const b = block(1, 1000, [[100, 50, "buffer", 0], [200, 300, "image", 1], [250, 10, "image", 2]], { used: [[600, 100]] });
  assert.deepEqual(at(b, 120).span, b.spans[0]);
  assert.deepEqual(at(b, 255).span, b.spans[2]);
  assert.deepEqual(at(b, 400).span, b.spans[1]);
  assert.deepEqual(at(b, 0), { range: [0, 100], used: false });
  assert.deepEqual(at(b, 150), { range: [150, 200], used: false });
  assert.deepEqual(at(b, 650), { range: [600, 700], used: true });
  assert.deepEqual(at(b, 999), { range: [700, 1000], used: false });
  assert.deepEqual(at(block(2, 10), 5), { range: [0, 10], used: false });
});
test("an allocation that moved is not a new one", () => {
  const before = {
    frame: 10,
    blocks: [
      block(1, 100, [
        [0, 10, "buffer", 0],
        [50, 20, "buffer", 1],
        [80, 5, "image", 0],
      ]),
      block(2, 100, [[0, 30, "buffer", 0]]),
    ],
  };
  const after = {
    frame: 20,
    blocks: [
      block(1, 100, [
        [0, 10, "buffer", 0],
        [10, 20, "buffer", 1],
        [30, 30, "buffer", 0],
      ]),
      block(3, 50, [[0, 7, "buffer", 0]]),
    ],
  };
  const found = compareSnapshots(before, after, ["a", "b"]);
  assert.deepEqual(found.kept, { count: 1, bytes: 10 });
  assert.deepEqual(found.moved, { count: 2, bytes: 50 });
  assert.deepEqual(found.created, { count: 1, bytes: 7 });
  assert.deepEqual(found.freed, { count: 1, bytes: 5 });
  assert.deepEqual(found.fateBefore.get(before.blocks[0]), ["kept", "moved", "freed"]);
  assert.deepEqual(found.fateAfter.get(after.blocks[0]), ["kept", "moved", "moved"]);
  assert.deepEqual([found.blocks.kept, found.blocks.created, found.blocks.freed].map((blocks) => blocks.count), [1, 1, 1]);
});
test("allocations created in different frames are different ones", () => {
  const snapshot = (created) => ({ frame: 0, blocks: [block(1, 100, [[0, 10, "buffer", 0]], { created: [created] })] });
  assert.equal(compareSnapshots(snapshot(1), snapshot(1), ["a"]).kept.count, 1);
  const replaced = compareSnapshots(snapshot(1), snapshot(2), ["a"]);
  assert.deepEqual([replaced.freed.count, replaced.created.count], [1, 1]);
});
test("the first pair is around the first defragmentation", () => {
  const snapshots = [10, 20, 30, 40].map((frame) => ({ frame }));
  assert.deepEqual(firstPair(snapshots, [{ kind: "defragmentation", frame: 21 }, { kind: "defragmentation", frame: 22 }]), [1, 2]);
  assert.deepEqual(firstPair(snapshots, []), [0, 1]);
  assert.deepEqual(firstPair(snapshots, [{ kind: "defragmentation", frame: 99 }]), [0, 1]);
  assert.deepEqual(firstPair(snapshots.slice(0, 1), []), [-1, -1]);
});
