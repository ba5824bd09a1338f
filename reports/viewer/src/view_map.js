// The memory map: a snapshot's blocks, a slider over the snapshots, and each allocation named.
import { choice, el, replace } from "./dom.js";
import * as format from "./format.js";
import { memoryMap } from "./map_canvas.js";
import { blocksToDraw, hasUnknownGaps, leftOut, peakOf, REMEDY, sizeOf } from "./snapshots.js";
import { color, HUES, onTheme } from "./theme.js";

const ZOOMS = [["fit", 14], ["2 \u00d7", 28], ["4 \u00d7", 56], ["8 \u00d7", 112]];

export function runsWithMaps(report) {
  return report.runs.filter((run) => run.snapshots.some((snapshot) => snapshot.blocks.length > 0));
}

export const groupName = (report) => (block) => {
  if (block.isRest) return "Not recorded";
  const flags = (report.types.find((type) => type.index === block.type)?.flags ?? []).join(" ") || "no flags";
  return `Heap ${block.heap}, type ${block.type} (${flags})${block.pool ? `, pool ${block.pool}` : ""}`;
};
export const blockTitle = (block) => (block.isRest ? "what is not recorded" : `block ${block.id} of ${format.bytes(block.size_bytes)}`);

// One colour of a legend.
export const legendEntry = (background, text, bytes) => el("span", { class: "entry" },
    el("span", { class: "box", style: { background } }), el("bdi", {}, text), bytes !== undefined && el("span", { class: "quiet" }, ` ${format.bytes(bytes)}`));
// What all maps show alike.
export const commonLegend = (...snapshots) => [
  snapshots.some((snapshot) => snapshot.spansDropped > 0) && legendEntry("var(--hatch)", "not recorded"),
  legendEntry("var(--free)", "free"),
];

// What the pointer shows of an allocation.
export function describeSpan(run, snapshot, block, i) {
  const [, size, kind, tag] = block.spans[i];
  const created = block.created?.[i];
  const lines = [[run.tags[tag] || "(no tag)"], ["size", `${format.bytes(size)} (${format.count(size)} B)`], ["kind", kind]];
  if (created !== undefined) {
    lines.push(["age", `${format.plural(Math.max(0, snapshot.frame - created), "frame")}, created in frame ${format.count(created)}`]);
  }
  return lines;
}

// The tags of all snapshots of a run, those with most bytes first: the first eight get a hue, the rest share one.
function tagsByBytes(run) {
  const sums = new Map();
  for (const snapshot of run.snapshots) {
    for (const block of snapshot.blocks) for (const [, size, , tag] of block.spans) sums.set(tag, Math.max(sums.get(tag) ?? 0, 0) + size);
  }
  return [...sums].sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
}

export function mapView(view) {
  const runs = runsWithMaps(view.report);
  if (runs.length === 0)
    return el("p", { class: "quiet" }, "The report has no memory maps: the scenario takes no snapshot, or it was run with --no-snapshots.");
  // The most telling of the chosen: the one whose blocks hold most allocations.
  const detail = (each) => each.snapshots.reduce((sum, { blocks }) => sum + blocks.reduce((more, block) => more + block.spans.length - 1, 0), 0);
  const chosen = runs.filter((each) => view.selection.has(each.index));
  let run = (chosen.length > 0 ? chosen : runs).reduce((a, b) => (detail(b) > detail(a) ? b : a));
  let zoom = 0;
  let number = 0;
  let kept = null;  // the snapshot that somebody chose
  const map = memoryMap("Memory map; the arrow keys go from allocation to allocation");
  const slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "snapshot" });
  const said = el("output", { class: "snapshot" });
  const legend = el("div", { class: "legend" });
  const note = el("p", { class: "quiet" });

  const show = () => {
    const snapshot = run.snapshots[number];
    const tags = tagsByBytes(run);
    const rank = new Map(tags.map((tag, i) => [tag, i]));
    const hue = (tag) => color(rank.get(tag) < HUES ? `hue-${rank.get(tag)}` : "other");
    slider.setAttribute("aria-valuetext", snapshot.label);
    replace(said, el("strong", {}, el("bdi", {}, snapshot.label)), ` \u2013 frame ${format.count(snapshot.frame)}, ${sizeOf(run, snapshot)}`);
    const here = new Map();
    for (const block of snapshot.blocks) for (const [, size, , tag] of block.spans) here.set(tag, (here.get(tag) ?? 0) + size);
    const others = tags.slice(HUES).reduce((sum, tag) => sum + (here.get(tag) ?? 0), 0);
    replace(legend, tags.slice(0, HUES).filter((tag) => here.has(tag)).map((tag) => legendEntry(hue(tag), run.tags[tag] || "(no tag)", here.get(tag))),
        others > 0 && legendEntry(color("other"), `${tags.length - HUES} other tags`, others), commonLegend(snapshot));
    const missing = leftOut(run, snapshot);
    note.textContent = missing && `To stay small the report leaves out ${missing}; ${REMEDY}.`;
    map.show({
      blocks: blocksToDraw(run, snapshot), hasUnknownGaps: hasUnknownGaps(run, snapshot), rows: ZOOMS[zoom][1],
      groupName: groupName(view.report), blockTitle,
      colorOf: (block, i) => hue(block.spans[i][3]), describe: (block, i) => describeSpan(run, snapshot, block, i),
    });
  };
  const choose = (next) => {
    run = next;
    slider.max = run.snapshots.length - 1;
    number = kept !== null && run.snapshots[kept]?.blocks.length > 0 ? kept : peakOf(run);
    slider.value = number;
    show();
  };
  slider.addEventListener("input", () => { number = kept = Number(slider.value); show(); });
  choose(run);
  view.onClose(onTheme(show));
  return el("div", {},
      el("div", { class: "controls" },
          choice("Strategy", runs.map((each) => each.name), runs.indexOf(run), (i) => choose(runs[i])),
          el("label", { class: "choice wide" }, "Snapshot", slider), said,
          choice("Scale", ZOOMS.map(([title]) => title), zoom, (i) => { zoom = i; show(); })),
      legend, map.element, note);
}
