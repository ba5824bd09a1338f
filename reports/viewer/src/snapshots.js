// What a snapshot holds in all, where the report keeps only the largest of its blocks and allocations.
import * as format from "./format.js";

const sum = (values) => values.reduce((total, value) => total + value, 0);
export const recordedBytes = (snapshot) => sum(snapshot.blocks.map((block) => block.size_bytes));
export const recordedSpans = (snapshot) => snapshot.blocks.flatMap((block) => block.spans);

// The value of a column of the series at a frame, by the first point that covers it; null without one.
function atFrame(run, id, frame) {
  const i = run.frames.findIndex((each) => each >= frame);
  return i < 0 ? null : run.column(id)[i] ?? null;
}

// {bytes, isAbout} of all blocks; the series over frames knows it only near the snapshot, and null is what nobody knows.
export function held(run, snapshot) {
  return totalOf(run, snapshot, snapshot.blocksTotal, snapshot.blocksDropped, recordedBytes(snapshot), "mem.reserved_bytes");
}
// The same of all allocations.
export function live(run, snapshot) {
  return totalOf(run, snapshot, snapshot.liveTotal, snapshot.spansDropped, sum(recordedSpans(snapshot).map(([, size]) => size)), "mem.required_bytes");
}
function totalOf(run, snapshot, exact, dropped, recorded, column) {
  if (exact !== null) return { bytes: exact, isAbout: false };
  if (dropped === 0) return { bytes: recorded, isAbout: false };
  const near = atFrame(run, column, snapshot.frame);
  return near === null || near < recorded ? { bytes: null, isAbout: true } : { bytes: near, isAbout: true };
}
export const about = ({ bytes, isAbout }) => (bytes === null ? "not known" : `${isAbout ? "about " : ""}${format.bytes(bytes)}`);

// The snapshot that holds most.
export function peakOf(run) {
  const bytes = run.snapshots.map((snapshot) => held(run, snapshot).bytes ?? recordedBytes(snapshot));
  return Math.max(0, bytes.indexOf(Math.max(...bytes)));
}

// Whether ranges between the allocations of a block may hold others: blocks that lost some say where any lay, but not in
// older reports.
export const hasUnknownGaps = (run, snapshot) => snapshot.spansDropped > snapshot.blocksDropped && !snapshot.blocks.some((block) => block.used);

// The blocks to draw: those recorded, and one that stands for the rest.
export function blocksToDraw(run, snapshot) {
  const { bytes } = held(run, snapshot);
  const rest = snapshot.blocksDropped > 0 && bytes !== null ? bytes - recordedBytes(snapshot) : 0;
  if (rest <= 0) return snapshot.blocks;
  return [...snapshot.blocks, { id: null, heap: Infinity, size_bytes: rest, spans: [], isRest: true, number: snapshot.blocksDropped }];
}

// "27 blocks of 535 MiB"; of a cut one how much of it is recorded.
export function sizeOf(run, snapshot) {
  const [blocks, recorded] = [snapshot.blocks.length, format.bytes(recordedBytes(snapshot))];
  if (snapshot.blocksDropped === 0) return `${format.plural(blocks, "block")} of ${recorded}`;
  const all = held(run, snapshot);
  const of = all.bytes === null ? "" : ` of ${about(all)}`;
  return `recorded are ${format.count(blocks)} of ${format.plural(blocks + snapshot.blocksDropped, "block")}, ${recorded}${of}`;
}

// What the report left out of a snapshot: "the 33 smallest blocks (about 218 MiB) and the 40 smallest allocations", or "".
export function leftOut(run, snapshot) {
  const { bytes, isAbout } = held(run, snapshot);
  const missing = bytes === null ? "" : ` (${about({ bytes: bytes - recordedBytes(snapshot), isAbout })})`;
  return [
    snapshot.blocksDropped > 0 && `the ${format.plural(snapshot.blocksDropped, "smallest block")}${missing}`,
    snapshot.spansDropped > 0 && `the ${format.plural(snapshot.spansDropped, "smallest allocation")}`,
  ].filter((part) => part).join(" and ");
}
export const REMEDY = "fewer strategies in a run leave more room (--strategy)";
