// The strategies of a report as points of reserve against driver time.
import * as format from "./format.js";
import { canWin, reading, spreadOf } from "./reading.js";

const RESERVE = "mem.reserved_peak_bytes";
const DRIVER = "time.driver_ns";

const MOST = 44;  // letters of a name in the drawing
const short = (name) => (name.length > MOST ? `${name.slice(0, MOST - 1)}\u2026` : name);

// {points, line}: {x, y, label, title, isFaint, low, high} of all strategies that have both figures, those of one place
// together; of those that no other beats, a line connects, by time, the ones that reserve less than all before.
export function pointsOf(report) {
  const chosen = new Set(report.advice.front.flatMap(({ strategy, alike }) => [strategy, ...alike]));
  const places = new Map();
  for (const run of report.runs.filter(canWin)) {
    const [x, y] = [reading(run, DRIVER), reading(run, RESERVE)];
    if (x.value === null || y.value === null) continue;
    const isFaint = !chosen.has(run.strategy);
    const key = x.isExact ? `${x.value} ${y.value} ${isFaint}` : run.index;
    const spread = x.isExact || x.low === null ? {} : { low: x.low, high: x.high };
    const said = [format.bytes(y.value), "reserved,", format.ns(x.value), spreadOf(x), "in the driver"].filter((part) => part).join(" ");
    if (!places.has(key)) places.set(key, { x: x.value, y: y.value, names: [], said, isFaint, ...spread });
    places.get(key).names.push(run.name);
  }
  const points = [...places.values()].map(({ names, said, ...point }) => ({ ...point, label: short(names.join(", ")), title: `${names.join(", ")}: ${said}` }));
  let least = Infinity;
  const line = points.filter((point) => !point.isFaint).sort((a, b) => a.x - b.x || a.y - b.y).filter(({ y }) => {
    const isLess = y < least;
    least = Math.min(least, y);
    return isLess;
  });
  return { points, line };
}
