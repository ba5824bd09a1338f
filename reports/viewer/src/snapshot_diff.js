// What happened between two snapshots. A report gives allocations no identity, so one is known again by its block and
// offset, or, when it moved, by its kind, tag, size and frame of creation. Reports keep the largest of a snapshot: what the
// other one may have without recording it has an unknown fate.

const spanKey = (tags, block, i) => {
  const [, size, kind, tag] = block.spans[i];
  return JSON.stringify([kind, tags[tag] ?? "", size, block.created?.[i] ?? -1]);
};

// The largest block and allocation that a snapshot may hold without recording it; -1 where it records all.
function largestUnrecorded({ blocks, blocksDropped, spansDropped }) {
  const least = (sizes) => sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const block = blocksDropped > 0 ? least(blocks.map((each) => each.size_bytes)) : -1;
  const spans = spansDropped > 0 ? least(blocks.flatMap((each) => each.spans.map(([, size]) => size))) : -1;
  return { block, span: Math.max(block, spans) };
}

// {kept, moved, created, freed, unknown: {count, bytes}, blocks: {kept, created, freed, unknown: {count, bytes}}, fateBefore,
// fateAfter}; the fates map a block to the fate of each of its spans.
export function compareSnapshots(before, after, tags) {
  const result = { fateBefore: new Map(), fateAfter: new Map() };
  const unrecorded = { before: largestUnrecorded(before), after: largestUnrecorded(after) };
  for (const fate of ["kept", "moved", "created", "freed", "unknown"]) result[fate] = { count: 0, bytes: 0 };
  const tally = (fate, bytes) => {
    result[fate].count += 1;
    result[fate].bytes += bytes;
  };

  const places = new Map();  // block, offset and identity of what was there before
  const elsewhere = new Map();  // identity -> where it was and is not any more
  for (const block of before.blocks) {
    result.fateBefore.set(block, block.spans.map(() => "freed"));
    block.spans.forEach((span, i) => places.set(JSON.stringify([block.id, span[0], spanKey(tags, block, i)]), { block, i }));
  }
  const unmatched = [];
  for (const block of after.blocks) {
    result.fateAfter.set(block, block.spans.map(() => "created"));
    block.spans.forEach((span, i) => {
      const place = JSON.stringify([block.id, span[0], spanKey(tags, block, i)]);
      const old = places.get(place);
      if (!old) {
        unmatched.push({ block, i });
        return;
      }
      places.delete(place);
      result.fateBefore.get(old.block)[old.i] = "kept";
      result.fateAfter.get(block)[i] = "kept";
      tally("kept", span[1]);
    });
  }
  for (const old of places.values()) {
    const key = spanKey(tags, old.block, old.i);
    if (!elsewhere.has(key)) elsewhere.set(key, []);
    elsewhere.get(key).push(old);
  }
  for (const { block, i } of unmatched) {
    const old = elsewhere.get(spanKey(tags, block, i))?.shift();
    const size = block.spans[i][1];
    const isNew = block.created?.[i] > before.frame || size > unrecorded.before.span;
    const fate = old ? "moved" : isNew ? "created" : "unknown";
    if (old) result.fateBefore.get(old.block)[old.i] = "moved";
    result.fateAfter.get(block)[i] = fate;
    tally(fate, size);
  }
  for (const old of [...elsewhere.values()].flat()) {
    const size = old.block.spans[old.i][1];
    const fate = size > unrecorded.after.span ? "freed" : "unknown";
    result.fateBefore.get(old.block)[old.i] = fate;
    tally(fate, size);
  }

  const ids = (snapshot) => new Set(snapshot.blocks.map((block) => block.id));
  const idsBefore = ids(before);
  const idsAfter = ids(after);
  const sum = (blocks) => ({ count: blocks.length, bytes: blocks.reduce((total, block) => total + block.size_bytes, 0) });
  const isSure = ({ size_bytes: size }, { block }) => size > block;
  const [came, gone] = [after.blocks.filter((block) => !idsBefore.has(block.id)), before.blocks.filter((block) => !idsAfter.has(block.id))];
  result.blocks = {
    kept: sum(after.blocks.filter((block) => idsBefore.has(block.id))),
    created: sum(came.filter((block) => isSure(block, unrecorded.before))),
    freed: sum(gone.filter((block) => isSure(block, unrecorded.after))),
    unknown: sum([...came.filter((block) => !isSure(block, unrecorded.before)), ...gone.filter((block) => !isSure(block, unrecorded.after))]),
  };
  return result;
}

// The pair to show first: the snapshots around the first defragmentation, else the first two, [-1, -1] when there is
// no pair.
export function firstPair(snapshots, events) {
  if (snapshots.length < 2) return [-1, -1];
  const passes = events.filter((event) => event.kind === "defragmentation").map((event) => event.frame);
  if (passes.length > 0) {
    const first = Math.min(...passes);
    const after = snapshots.findIndex((snapshot) => snapshot.frame > first);
    if (after > 0) return [after - 1, after];
  }
  return [0, 1];
}
