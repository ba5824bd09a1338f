// The difference of two snapshots of a run, as maps and figures.
import { choice, el, replace, table } from "./dom.js";
import * as format from "./format.js";
import { memoryMap } from "./map_canvas.js";
import { compareSnapshots, firstPair } from "./snapshot_diff.js";
import { color, onTheme } from "./theme.js";
import { blockTitle, commonLegend, describeSpan, groupName, leftOut, runsWithMaps } from "./view_map.js";

const FATES = { kept: ["kept in place", "other"], moved: ["moved", "hue-0"], created: ["created", "hue-2"], freed: ["freed", "hue-1"] };
const ROWS = 14;

const signed = (bytes) => `${bytes < 0 ? "\u2212" : "+"}${format.bytes(Math.abs(bytes))}`;
const reserved = (snapshot) => snapshot.blocks.reduce((sum, block) => sum + block.size_bytes, 0);
const amount = ({ count, bytes }) => [format.count(count), format.bytes(bytes)];

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
    const perRow = Math.max(reserved(before), reserved(after), 1) / ROWS;  // one scale for both
    [[before, found.fateBefore], [after, found.fateAfter]].forEach(([snapshot, fates], i) => {
      replace(captions[i], i === 0 ? "Before: " : "After: ", el("bdi", {}, snapshot.label), el("span", { class: "quiet" }, ` \u2013 frame ${format.count(snapshot.frame)}, ${format.plural(snapshot.blocks.length, "block")}, ${format.bytes(reserved(snapshot))}`));
      const fateOf = (block, k) => fates.get(block)?.[k] ?? "kept";
      maps[i].show({
        blocks: snapshot.blocks, perRow, groupName: groupName(view.report), blockTitle,
        colorOf: (block, k) => color(FATES[fateOf(block, k)][1]),
        describe: (block, k) => [...describeSpan(run, snapshot, block, k), ["then", FATES[fateOf(block, k)][0]]],
      });
    });
    const change = reserved(after) - reserved(before);
    replace(figures,
        el("p", {}, el("strong", {}, change === 0 ? "As much memory is held as before." : `${signed(change)} of device memory.`)),
        table(["allocations", "number", "bytes"], Object.entries(FATES).map(([fate, [title, hue]]) => [
          [el("span", { class: "box", style: { background: color(hue) } }), title], ...amount(found[fate])])),
        table(["blocks", "number", "bytes"], [["kept", ...amount(found.blocks.kept)], ["new", ...amount(found.blocks.created)], ["given back", ...amount(found.blocks.freed)]]),
        el("div", { class: "legend" }, commonLegend(before, after)));
    const gaps = [...new Set([leftOut(before), leftOut(after)])].filter((text) => text);
    note.textContent = `An allocation is known again by its place, or by its kind, tag and size where it moved. ${gaps.length > 0 ? "Only what both snapshots name is compared. " : ""}${gaps[0] ?? ""}`;
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
  return el("div", {}, controls, el("div", { class: "diff" }, figures, el("div", { class: "maps" }, maps.map((map, i) => el("figure", {}, captions[i], map.element)))), note);
}
