// One figure over stores of several commits, and where it changed.
import { changePoints, median } from "./change_points.js";
import { figureOf } from "./columns.js";
import { overRepeats } from "./store.js";

// {values, changes: [{at, before, after}]} of the figure of a column at a place, a value a store; null where it was not
// measured, or where the trace is another than that of the last store.
export function trendOf(stores, place, column) {
  const cells = stores.map((store) => store.at(place));
  const trace = cells.findLast((each) => each.length > 0)?.[0].trace;
  const readings = cells.map((each) => overRepeats(each.filter((cell) => cell.trace === trace), (run) => figureOf(run, column.id)));
  const values = readings.map(({ value }) => value);
  const known = values.map((value, i) => ({ value, i })).filter(({ value }) => value !== null);
  const isExact = readings.every(({ value, isExact: exact }) => value === null || exact);
  const points = changePoints(known.map(({ value }) => value), isExact);
  const bounds = [0, ...points, known.length];
  const level = (i) => median(known.slice(bounds[i], bounds[i + 1]).map(({ value }) => value));
  return { values, changes: points.map((point, i) => ({ at: known[point].i, before: level(i), after: level(i + 1) })) };
}

// Every change of the figure, those by the largest factor first: {place, at, before, after}.
export function changesOf(stores, column) {
  const newest = stores.at(-1);
  const seen = new Set();
  const found = [];
  for (const { device, scenario, strategy, run } of newest.cells) {
    if (run.isFloor) continue;
    const place = { device, scenario, strategy };
    const key = JSON.stringify(place);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const change of trendOf(stores, place, column).changes) found.push({ place, ...change });
  }
  const size = ({ before, after }) => (before > 0 && after > 0 ? Math.abs(Math.log(after / before)) : Infinity);
  return found.sort((a, b) => size(b) - size(a));
}
