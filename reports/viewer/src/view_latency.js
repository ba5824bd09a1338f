// How long operations take: percentile curves, and what made allocations slow.
import { chart } from "./chart.js";
import { choice, el, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { percentileCurves, shareOf } from "./histogram.js";
import { timesOf, titleOf } from "./operations.js";
import { figure } from "./view_figure.js";
import { STUBBED, swatch } from "./view_strategies.js";

const SHARES = [1, 2, 10, 100, 1000, 10000, 100000, 1e6, 1e7, 1e8];

// Of a simulated device by the wall clock.
const stubNote = (report) => report.isStubTimed && el("p", { class: "stubbed" }, `Of a simulated device by the wall clock: ${STUBBED}.`);

export function latencyView(view) {
  const ids = timesOf(view.report);
  if (ids.length === 0) return el("p", { class: "quiet" }, "The report has no times: it was run with --timing off.");
  let id = ids[0];
  const place = el("div");
  const update = () => {
    const runs = view.shown().filter((run) => run.histogram(id)?.count > 0);
    if (runs.length === 0) return replace(place, el("p", { class: "quiet" }, "None of the chosen strategies did this."));
    const { grid, curves } = percentileCurves(runs.map((run) => run.histogram(id)));
    const lines = runs.map((run, i) => ({
      label: `${run.name} (${format.count(run.histogram(id).count)})`, values: curves[i].map((value) => (value === null ? null : Math.max(1, value))),
      look: () => view.look(run),
    }));
    return replace(
      place,
      chart({
        xs: grid,
        lines,
        height: 340,
        stepped: true,
        x: {
          label: "share of operations",
          name: "share",
          format: shareOf,
          log: true,
          splits: (u, _, low, high) => SHARES.filter((x) => x >= low && x <= high),
          range: (_, low, high) => [1, Math.max(high, 10)],
        },
        y: { label: "took at most", format: format.ns, log: true },
        describe: `Percentile curves, ${titleOf(id)}: ${runs.map((run) => run.name).join(", ")}`,
      }),
    );
  };
  update();
  view.onSelection(update);
  return el(
    "div",
    {},
    stubNote(view.report),
    el(
      "p",
      { class: "quiet" },
      "Flat on the left and steep on the right is an allocator with rare, long stalls. Every curve ends at its slowest operation; in " +
        "brackets, how many there were.",
    ),
    choice("Operation", ids.map(titleOf), 0, (index) => {
      id = ids[index];
      update();
    }),
    place,
  );
}

const CAUSES = { hit: "free range found", new_block: "new block", dedicated: "dedicated", fallback: "other memory type", refused: "refused" };

// One bar a cause on a shared logarithmic axis, from the median to the slowest.
function causeRows(view, runs) {
  const rows = [];
  for (const run of runs) {
    const medians = new Map(run.scopes("time.by_cause_ns.p50"));
    const slowest = new Map(run.scopes("time.by_cause_ns.max"));
    const counts = new Map(run.scopes("time.by_cause_ns.n"));
    for (const [cause, n] of counts) {
      if (n > 0 && slowest.get(cause) > 0) rows.push({ run, cause, n, median: medians.get(cause) ?? 0, slowest: slowest.get(cause) });
    }
  }
  return rows;
}

export function causesView(view) {
  const place = el("div");
  const update = () => {
    const rows = causeRows(view, view.shown());
    if (rows.length === 0) return replace(place, el("p", { class: "quiet" }, "The chosen strategies have no times by cause."));
    const low = Math.log10(Math.max(1, Math.min(...rows.map((row) => row.median))));
    const high = Math.log10(Math.max(...rows.map((row) => row.slowest)));
    const at = (value) => (high > low ? (100 * (Math.log10(Math.max(1, value)) - low)) / (high - low) : 0);
    let last = null;
    const cells = rows.map(({ run, cause, n, median, slowest }) => {
      const isFirst = run !== last;
      last = run;
      return [
        isFirst ? [swatch(view.look(run)), name(run.name)] : "", CAUSES[cause] ?? cause, format.count(n),
        figure(run, run.metric("time.by_cause_ns.p50", { cause }), format.ns), figure(run, run.metric("time.by_cause_ns.max", { cause }), format.ns),
        el("span", { class: "range" },
            el("span", { style: { left: `${at(median)}%`, width: `max(3px, ${at(slowest) - at(median)}%)`, background: view.look(run).css } })),
      ];
    });
    const split = view.shown().flatMap((run) => {
      const [own, driver] = [run.value("time.allocator_ns"), run.value("time.driver_ns")];
      return own === null || driver === null ? [] : [[run, own, driver]];
    });
    const longest = Math.max(...split.map(([, own, driver]) => own + driver));
    return replace(place,
        el("p", { class: "quiet" }, "Why an allocation took as long as it did; the bar runs from the median to the slowest on a " +
            "logarithmic scale, the same for all rows."),
        table(["strategy", "cause", "times", "median", "slowest", "median to slowest"], cells, { class: "causes by-cause" }),
        split.length > 0 && [el("h3", {}, "Where the time went"),
          table(["strategy", "allocator", "driver", "dark: the allocator; light: inside Vulkan"], split.map(([run, own, driver]) => [
            [swatch(view.look(run)), name(run.name)], figure(run, run.metric("time.allocator_ns")), figure(run, run.metric("time.driver_ns")),
            el("span", { class: "stack" },
                el("span", { style: { width: `${(100 * own) / longest}%`, background: view.look(run).css } }),
                el("span", { style: { width: `${(100 * driver) / longest}%`, background: view.look(run).css, opacity: 0.35 } })),
          ]), { class: "causes" })]);
  };
  update();
  view.onSelection(update);
  return el("div", {}, stubNote(view.report), place);
}
