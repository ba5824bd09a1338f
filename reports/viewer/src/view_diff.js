// The difference of two snapshots of a run, as maps and figures.
import { choice, el, lines, replace, table } from "./dom.js";
import * as format from "./format.js";
import { memoryMap } from "./map_canvas.js";
import { compareSnapshots, firstPair } from "./snapshot_diff.js";
import { about, blocksToDraw, hasUnknownGaps, held, leftOut, live, REMEDY, sizeOf } from "./snapshots.js";
import { color, onTheme } from "./theme.js";
import { blockTitle, commonLegend, describeSpan, groupName, runsWithMaps } from "./view_map.js";

const FATES = {
  kept: ["kept in place", "other"], moved: ["moved", "hue-0"], created: ["created", "hue-2"], freed: ["freed", "hue-1"],
  unknown: ["recorded in one only", "hidden"],
};
const BLOCKS = { kept: "kept", created: "new", freed: "given back", unknown: "recorded in one only" };
const ROWS = 14;

const signed = (bytes) => `${bytes < 0 ? "\u2212" : "+"}${format.bytes(Math.abs(bytes))}`;
const amount = ({ count, bytes }) => [format.count(count), format.bytes(bytes)];
// The rows of what there is; what is unknown only where there is some.
const rowsOf = (kinds, found, cell) => Object.keys(kinds).filter((kind) => kind !== "unknown" || found[kind].count > 0)
    .map((kind) => [cell(kind), ...amount(found[kind])]);

const fateCell = (fate) => [el("span", { class: "box", style: { background: color(FATES[fate][1]) } }), FATES[fate][0]];

// How the bytes of all blocks, or of all allocations, changed: a heading and its figures.
function changed(before, after) {
  if (before.bytes === null || after.bytes === null) return ["not known", "the report leaves blocks out and has no series"];
  const change = after.bytes - before.bytes;
  return [`${before.isAbout || after.isAbout ? "about " : ""}${change === 0 ? "no change" : signed(change)}`, `${about(before)} \u2192 ${about(after)}`];
}

export function diffView(view) {
  const runs = runsWithMaps(view.report).filter((run) => run.snapshots.length > 1);
  if (runs.length === 0) return el("p", { class: "quiet" }, "No strategy has two snapshots to compare.");
  const moving = runs.filter((run) => (run.value("defrag.moves_count") ?? 0) > 0);
  let run = moving.find((each) => view.selection.has(each.index)) ?? runs.find((each) => view.selection.has(each.index)) ?? runs[0];
  let pair = firstPair(run.snapshots, run.events);
  const maps = [memoryMap("Memory map before"), memoryMap("Memory map after")];
  const captions = [el("figcaption"), el("figcaption")];
  const figures = el("div", { class: "side" });
  const note = el("p", { class: "quiet" });
  const controls = el("div", { class: "controls" });

  const show = () => {
    const [before, after] = pair.map((i) => run.snapshots[i]);
    const found = compareSnapshots(before, after, run.tags);
    const sizeDrawn = (snapshot) => blocksToDraw(run, snapshot).reduce((sum, block) => sum + block.size_bytes, 0);
    const perRow = Math.max(sizeDrawn(before), sizeDrawn(after), 1) / ROWS;  // one scale for both
    [[before, found.fateBefore], [after, found.fateAfter]].forEach(([snapshot, fates], i) => {
      replace(captions[i], i === 0 ? "Before: " : "After: ", el("bdi", {}, snapshot.label),
          el("span", { class: "quiet" }, ` \u2013 frame ${format.count(snapshot.frame)}, ${sizeOf(run, snapshot)}`));
      const fateOf = (block, k) => fates.get(block)?.[k] ?? "kept";
      maps[i].show({
        blocks: blocksToDraw(run, snapshot), hasUnknownGaps: hasUnknownGaps(run, snapshot), perRow, groupName: groupName(view.report), blockTitle,
        colorOf: (block, k) => color(FATES[fateOf(block, k)][1]),
        describe: (block, k) => [...describeSpan(run, snapshot, block, k), ["then", FATES[fateOf(block, k)][0]]],
      });
    });
    const [memory, memoryFrom] = changed(held(run, before), held(run, after));
    const [allocated, allocatedFrom] = changed(live(run, before), live(run, after));
    const gaps = [["before", before], ["after", after]].map(([when, snapshot]) => [when, leftOut(run, snapshot)]).filter(([, missing]) => missing)
        .map(([when, missing]) => `${when}: ${missing}`);
    const isAbout = [before, after].some((snapshot) => held(run, snapshot).isAbout || live(run, snapshot).isAbout);
    replace(figures,
        el("p", {}, el("strong", {}, `Device memory: ${memory}`), el("span", { class: "quiet" }, ` (${memoryFrom})`)),
        el("p", {}, el("strong", {}, `Allocations: ${allocated}`), el("span", { class: "quiet" }, ` (${allocatedFrom})`)),
        gaps.length > 0 && el("p", { class: "quiet" }, "Below is what the snapshots record."),
        table(["allocations", "number", "bytes"], rowsOf(FATES, found, fateCell)),
        table(["blocks", "number", "bytes"], rowsOf(BLOCKS, found.blocks, (fate) => BLOCKS[fate])),
        el("div", { class: "legend" }, commonLegend(before, after)));
    replace(note, lines([
      "An allocation is known again by its place, or by its kind, tag and size where it moved.",
      gaps.length > 0 && `To stay small the report leaves out ${gaps.join("; ")}; ${REMEDY}.`,
      isAbout && "\u201cAbout\u201d: from the series over frames, whose points may be some frames away.",
    ].filter((text) => text)));
  };
  const setUp = () => {
    const labels = run.snapshots.map((snapshot) => String(snapshot.label));
    replace(controls,
        choice("Strategy", runs.map((each) => each.name), runs.indexOf(run), (i) => { run = runs[i]; pair = firstPair(run.snapshots, run.events); setUp(); }),
        choice("Before", labels, pair[0], (i) => { pair = [i, pair[1]]; show(); }),
        choice("After", labels, pair[1], (i) => { pair = [pair[0], i]; show(); }));
    show();
  };
  setUp();
  view.onClose(onTheme(show));
  const shown = maps.map((map, i) => el("figure", {}, captions[i], map.element));
  return el("div", {}, controls, el("div", { class: "diff" }, figures, el("div", { class: "maps" }, shown)), note);
}
