// Defragmentation: what each strategy moved and what that gave back, pass by pass.
import { BYTES, chart } from "./chart.js";
import { convergence, passesOf } from "./defragmentation.js";
import { el, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { swatch } from "./view_strategies.js";

const show = (run, id, format_) => {
  const value = run.value(id);
  return value === null ? "n/a" : format_(value);
};

// From before to after on a line from 0 to 100 %.
function arrow(run, look) {
  const before = run.value("defrag.frag_before_ratio");
  const after = run.value("defrag.frag_after_ratio");
  if (before === null || after === null) return "n/a";
  const left = Math.min(before, after) * 100;
  return el("span", { class: "range", title: `${format.percent(before)} before, ${format.percent(after)} after` },
      el("span", { style: { left: `${left}%`, width: `max(2px, ${Math.abs(after - before) * 100}%)`, background: look.css, opacity: 0.4 } }),
      el("span", { class: "end", style: { left: `${after * 100}%`, background: look.css } }));
}

export const hasDefragmentation = (report) => report.runs.some((run) => (run.value("defrag.passes_count") ?? 0) > 0);

export function defragView(view) {
  const place = el("div");
  const update = () => {
    const runs = view.shown().filter((run) => (run.value("defrag.passes_count") ?? 0) > 0);
    if (runs.length === 0) return replace(place, el("p", { class: "quiet" }, "None of the chosen strategies defragmented."));
    const rows = runs.map((run) => [
      [swatch(view.look(run)), name(run.name)], show(run, "defrag.passes_count", format.count), show(run, "defrag.moves_count", format.count),
      show(run, "defrag.bytes_moved", format.bytes), show(run, "defrag.bytes_freed", format.bytes), show(run, "defrag.efficiency_ratio", format.ratio),
      `${show(run, "defrag.frag_before_ratio", format.percent)} \u2192 ${show(run, "defrag.frag_after_ratio", format.percent)}`, arrow(run, view.look(run)),
    ]);
    const drawn = runs.map((run) => ({ run, points: convergence(passesOf(run)) })).filter(({ points }) => points.length > 1);
    const xs = [...new Set(drawn.flatMap(({ points }) => points.map((point) => point.moved)))].sort((a, b) => a - b);
    const valuesOf = (points) => {
      const freed = new Map(points.map((point) => [point.moved, point.freed]));
      return xs.map((x) => freed.get(x) ?? null);
    };
    return replace(place,
        table(["strategy", "passes", "moves", "moved", "given back", "back / moved", "fragmentation", "0 to 100 %, the dot is after"],
            rows, { class: "causes" }),
        drawn.length > 0 && xs.length > 1 && el("figure", {}, el("figcaption", {}, "Convergence", el("span", { class: "quiet" },
            " \u2013 a point a pass: what had been given back by the time that much was moved. A flat tail moves bytes for nothing.")), chart({
          xs,
          lines: drawn.map(({ run, points }) => (
            { label: run.name, values: valuesOf(points), look: () => view.look(run), spanGaps: true, points: points.length < 60 })),
          x: { label: "moved so far", ...BYTES }, y: { label: "given back so far", ...BYTES, range: (_, low, high) => [0, Math.max(high * 1.05, 1)] },
          describe: `Bytes given back over bytes moved of ${drawn.map(({ run }) => run.name).join(", ")}`,
        })));
  };
  update();
  view.onSelection(update);
  return place;
}
