// Memory and fragmentation over time.
import { BYTES, chart } from "./chart.js";
import { el, replace } from "./dom.js";
import * as format from "./format.js";
import { color } from "./theme.js";

const FAR = 4;  // a budget this many times above what is used would flatten the curves

const most = (values) => values.reduce((a, b) => (b !== null && b > a ? b : a), 0);
const frameAxis = { label: "frame", format: (value) => format.count(value) };
const byteAxis = (label) => ({ label, ...BYTES, range: (_, low, high) => [0, Math.max(high * 1.05, 1)] });

// Runs of one report share their frames but those that stopped early; their columns end with nulls.
function framesOf(runs) {
  return runs.reduce((longest, run) => (run.frames.length > longest.length ? run.frames : longest), []);
}
const fitted = (values, length) => Array.from({ length }, (_, i) => values[i] ?? null);

function snapshotMarks(runs) {
  const marks = new Map();
  for (const run of runs)
    for (const { label, frame } of run.snapshots)
      marks.set(label, { x: frame, text: label.length > 24 ? `${label.slice(0, 23)}\u2026` : label });
  return [...marks.values()];
}

function linesOf(view, runs, id, length, which) {
  return runs.map((run) => ({ label: run.name, values: fitted(run.column(id, which), length), look: () => view.look(run) }));
}

function heapChart(view, heap, runs) {
  const xs = framesOf(runs);
  const lines = linesOf(view, runs, `heap.${heap.index}.reserved_bytes`, xs.length, "max");
  const top = most(lines.map((line) => most(line.values)));
  if (top === 0) return null;
  const device = (heap.flags ?? []).includes("device_local") ? "device-local" : "host";
  const title = `Heap ${heap.index}: ${device}, ${format.bytes(heap.size_bytes)}`;
  const budget = fitted(runs[0].column(`heap.${heap.index}.budget_bytes`), xs.length);
  const least = budget.reduce((a, b) => (b !== null && b > 0 && b < a ? b : a), Infinity);
  const isNear = least <= top * FAR;
  if (isNear) {
    lines.push({
      label: "budget",
      values: budget.map((value) => (value !== null && value <= top * FAR ? value : null)),
      look: () => ({ color: color("text"), dash: [2, 4] }),
      width: 2,
    });
  }
  const said = least === Infinity ? "No budget is recorded."
      : isNear ? `The dotted line is the budget, ${format.bytes(least)} at its least.`
      : `The budget, ${format.bytes(least)}, is ${format.count(least / top)} times the most that was reserved and not drawn.`;
  return el("figure", {}, el("figcaption", {}, title, el("span", { class: "quiet" }, ` \u2013 ${said}`)), chart({
    xs, lines, x: frameAxis, y: byteAxis("reserved"), marks: snapshotMarks(runs), sync: "frames", stepped: true,
    describe: `${title}: reserved bytes by frame of ${runs.map((run) => run.name).join(", ")}`,
  }));
}

export function memoryView(view) {
  const place = el("div");
  const update = () => {
    const runs = view.shown();
    if (runs.length === 0) return replace(place, el("p", { class: "quiet" }, "Choose strategies in the table above."));
    const xs = framesOf(runs);
    if (xs.length === 0) return replace(place, el("p", { class: "quiet" }, "The report has no series."));
    const total = linesOf(view, runs, "mem.reserved_bytes", xs.length, "max");
    total.unshift({
      label: "live",
      values: fitted(runs[0].column("mem.required_bytes", "max"), xs.length),
      look: () => ({ color: color("quiet"), dash: [] }),
      fill: true,
      width: 1,
    });
    const used = view.report.heaps.map((heap) => heapChart(view, heap, runs)).filter((figure) => figure);
    replace(place,
        el("p", { class: "quiet" }, "Device memory that each strategy holds. Each point is the most since the point before; vertical " +
            "lines are snapshots. Drag to zoom, double-click to see all."),
        el("figure", {}, el("figcaption", {}, "All heaps", el("span", { class: "quiet" },
            " \u2013 the shaded area is what live objects require: what lies above it is overhead.")), chart({
          xs, lines: total, x: frameAxis, y: byteAxis("reserved"), marks: snapshotMarks(runs), sync: "frames", height: 320, stepped: true,
          describe: `Reserved bytes by frame of ${runs.map((run) => run.name).join(", ")}, over what live objects require`,
        })),
        el("div", { class: "pairs" }, used));
    return undefined;
  };
  update();
  view.onSelection(update);
  return place;
}

export function fragmentationView(view) {
  const place = el("div");
  const update = () => {
    const runs = view.shown();
    const xs = framesOf(runs);
    if (xs.length === 0)
      return replace(
        place,
        el("p", { class: "quiet" }, runs.length === 0 ? "Choose strategies in the table above." : "The report has no series."),
      );
    return replace(
      place,
      el(
        "p",
        { class: "quiet" },
        "1 \u2212 largest free range / free bytes, by memory type: how the free bytes are cut up, not how many there are. Read it with the memory above.",
      ),
      chart({
        xs,
        lines: linesOf(view, runs, "frag.external_ratio", xs.length, "last"),
        x: frameAxis,
        y: { label: "external fragmentation", format: (value) => `${Math.round(value * 100)} %`, range: [0, 1] },
        marks: snapshotMarks(runs),
        sync: "frames",
        describe: `External fragmentation by frame of ${runs.map((run) => run.name).join(", ")}`,
      }),
    );
  };
  update();
  view.onSelection(update);
  return place;
}
