// Devices \u00d7 strategies \u00d7 scenarios of a store as tables of one figure, and how good each is beside its rivals.
import { figureOf } from "./columns.js";
import { overRepeats } from "./store.js";

export const DIMENSIONS = ["device", "scenario", "strategy"];
const FULL = Math.log(4);  // what is four times the best, or more, is as bad as can be shown

// How bad a value is beside the best of its device and scenario, from 0 to 1; null where nothing is to compare.
export function badness(value, best, better) {
  if (value === null || best === null || better === "neither") return null;
  if (value === best) return 0;
  const times = better === "lower" ? value / best : best / value;
  return !(times > 0) || !Number.isFinite(times) ? 1 : Math.min(1, Math.max(0, Math.log(times) / FULL));
}

// Tables {of, rows: [{of, cells: [{place, cells, of, badness, times}]}], columns} of the figure of a column, one for each of
// `split`, a dimension; rows and columns are the other two.
export function matrixOf(store, column, split) {
  const rest = DIMENSIONS.filter((dimension) => dimension !== split);
  const [rows, columns] = split === "strategy" ? [rest[1], rest[0]] : rest.includes("strategy") ? [rest.find((each) => each !== "strategy"), "strategy"] : rest;
  const better = column.metric.better;
  const read = (run) => figureOf(run, column.id);
  const bests = bestsOf(store, read, better);
  return store.along(split).map((of) => ({
    of, rowsOf: rows, columnsOf: columns,
    columns: store.along(columns),
    rows: store.along(rows).map((row) => ({
      of: row,
      cells: store.along(columns).map((each) => {
        const place = { [split]: of, [rows]: row, [columns]: each };
        const cells = store.at(place);
        const value = overRepeats(cells, read);
        const isRival = cells.every(({ run }) => canCompete(run));
        const best = isRival ? (bests.get(JSON.stringify([place.device, place.scenario])) ?? null) : null;
        const times = best > 0 && value.value !== null ? value.value / best : null;
        return { place, cells, of: value, badness: badness(value.value, best, better), times };
      }),
    })).filter((row) => row.cells.some(({ cells }) => cells.length > 0)),
  })).filter((table) => table.rows.length > 0);
}

// The harness's floor does nothing, and who refuses more than others did less.
const canCompete = (run) => !run.isFloor && !run.refusesMore;

// The best value of each device and scenario, of those that compete.
function bestsOf(store, read, better) {
  const bests = new Map();
  for (const cell of store.cells) {
    if (!canCompete(cell.run)) continue;
    const { value } = overRepeats(store.at(cell), read);
    if (value === null) continue;
    const key = JSON.stringify([cell.device, cell.scenario]);
    const best = bests.get(key);
    if (best === undefined || (better === "higher" ? value > best : value < best)) bests.set(key, value);
  }
  return bests;
}
