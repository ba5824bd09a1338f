// The columns of the strategy table, and which of their cells are best and worst.
import * as format from "./format.js";
import { columnsFor } from "./metrics.js";
import { canWin, contest, isClear, isTime, reading, sumOf, textsOf, unbeaten } from "./reading.js";

// A metric of a run; of an id with a star the sum of all that begin and end like it: Vulkan calls that a strategy made.
export function figureOf(run, id) {
  const [begin, end] = id.split("*");
  if (end === undefined) return reading(run, id);
  const ids = [...run.metrics.keys()].filter((each) => each.startsWith(begin) && each.endsWith(end));
  return sumOf(ids.map((each) => reading(run, each)), "driver calls were not counted");
}

// The columns that these runs have something for: of two metrics that stand for each other the one that was measured.
export function measured(runs, columns) {
  const has = (metric) => columns.some((column) => column.metric.id === metric && runs.some((run) => run.metric(column.id)));
  return columns.filter(({ metric }) => {
    if (metric.stands_in_for) return !has(metric.stands_in_for);
    return !columns.some((other) => other.metric.stands_in_for === metric.id) || has(metric.id);
  });
}

// Where a percentile has too few samples, their maximum and number stand for it.
function fromSamples(runs, columns) {
  const lacks = (id) => runs.some((run) => reading(run, id).needs > 0);
  const most = (id) => format.count(runs.reduce((n, run) => Math.max(n, reading(run, id).n), 0));
  return columns.flatMap((column) => {
    const [percentile, max] = [`${column.metric.id}.p99`, `${column.metric.id}.max`];
    if (![percentile, max].includes(column.id) || !lacks(percentile)) return [column];
    if (column.id === percentile && columns.some(({ id }) => id === max)) return [];
    return [{ ...column, id: max, title: `${column.title.replace(/p99$/, "max")} of ${most(max)}` }];
  });
}

// The columns for these runs: each has title, hint, isTimed, and a cell {of, value, text, aside, hint, mark} a run.
export function tableColumns(runs) {
  const columns = fromSamples(runs, measured(runs, columnsFor("page")));
  return columns.map((column) => {
    const cells = runs.map((run) => {
      const of = figureOf(run, column.id);
      return { of, value: of.value, ...textsOf(of, column.show, run.rounds), mark: "" };
    });
    mark(runs, column, cells);
    return { ...column, isTimed: isTime(column.metric), cells };
  });
}

// Marks best and worst where noise cannot be the reason. Who refuses requests competes only in that.
function mark(runs, { metric, show }, cells) {
  if (metric.better === "neither") return;
  const entries = contest(runs, cells.map((cell) => cell.of), show, metric.group === "outcome" ? canWin : undefined);
  const sign = metric.better === "lower" ? 1 : -1;
  const [best, worst] = [unbeaten(entries, sign), unbeaten(entries, -sign)];
  const worse = new Set(worst);
  if (best.some((entry) => worse.has(entry))) return;
  for (const [entries, mark] of [[best, "best"], [worst, "worst"]]) {
    if (isClear(entries)) for (const { i } of entries) cells[i].mark = mark;
  }
}
