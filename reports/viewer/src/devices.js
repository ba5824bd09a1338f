// One scenario on several devices: what differs in their memory, and how the strategies rank on each.
import * as format from "./format.js";
import { baselineOf } from "./findings.js";
import { contest, isClear, overlap, reading, textsOf, unbeaten } from "./reading.js";

// Reports of the same trace as `report`, one a device, `report` among them.
export function sameScenario(reports, report) {
  const byDevice = new Map();
  for (const other of [report, ...reports]) {
    const same = other.scenarioName === report.scenarioName && other.scenario.trace_hash === report.scenario.trace_hash;
    if (same && !byDevice.has(other.deviceName)) byDevice.set(other.deviceName, other);
  }
  return reports.filter((other) => byDevice.get(other.deviceName) === other);
}

// The strategies that every device ran, the floor left out, in the order of the first.
export function commonStrategies(reports) {
  const [first, ...others] = reports;
  return first.runs.filter((run) => !run.isFloor && others.every((report) => report.runs.some((other) => other.name === run.name)))
      .map((run) => run.name);
}

const runOf = (report, name) => report.runs.find((run) => run.name === name);

// {baseline, rows: [{name, cells: [{value, ratio, text, aside, isLeast}]}]} of a metric: values and ratios to each device's
// own baseline strategy; the least of a device only where noise cannot be the reason.
export function acrossDevices(reports, id, show) {
  const names = commonStrategies(reports);
  const baseline = baselineOf(names.map((name) => runOf(reports[0], name)))?.name;
  const rows = names.map((name) => ({ name, cells: [] }));
  for (const report of reports) {
    const runs = names.map((name) => runOf(report, name));
    const readings = runs.map((run) => reading(run, id));
    const base = readings[names.indexOf(baseline)]?.value ?? null;
    const entries = contest(runs, readings, show);
    const least = unbeaten(entries, 1);
    const isLeast = (i) => isClear(least) && least.length < entries.length && least.some((entry) => entry.i === i);
    readings.forEach((of, i) => {
      const { text, aside } = textsOf(of, show, runs[i].rounds);
      rows[i].cells.push({ value: of.value, text, aside, isLeast: isLeast(i), ratio: of.value === null || !(base > 0) ? null : of.value / base });
    });
  }
  return { baseline, rows };
}

// Pairs of strategies that rank the other way round on another device, as sentences; `margin` is what they must differ
// by on both, beyond their noise.
export function rankFlips(reports, id, margin = 0.02) {
  const names = commonStrategies(reports);
  const short = shortNames(reports);
  const readings = reports.map((report) => names.map((name) => reading(runOf(report, name), id)));
  const flips = [];
  for (let a = 0; a < names.length; ++a) {
    for (let b = a + 1; b < names.length; ++b) {
      const lower = { a: [], b: [] };
      readings.forEach((of, device) => {
        const [x, y] = [of[a], of[b]];
        if (!x.isRanked || !y.isRanked || overlap(x, y) || Math.abs(x.value - y.value) <= margin * Math.max(x.value, y.value)) return;
        lower[x.value < y.value ? "a" : "b"].push(short[device]);
      });
      if (lower.a.length > 0 && lower.b.length > 0) {
        flips.push(`${names[a]} is below ${names[b]} on ${lower.a.join(", ")}, above it on ${lower.b.join(", ")}.`);
      }
    }
  }
  return flips;
}

// Names without what stands in brackets, and of at most so many letters: the end tells models apart.
export function shortNames(reports, most = Infinity) {
  return reports.map((report) => {
    const name = report.deviceName.replace(/\s*\([^)]*\)/g, "") || report.deviceName;
    return name.length > most ? `\u2026${name.slice(1 - most)}` : name;
  });
}

const flagsOf = (flags) => (flags ?? []).join(", ") || "no flags";

// What of a device's memory bears on allocation: [title, lines].
export function memoryFacts(report) {
  const heaps = report.heaps.map(
    (heap) => `${heap.index}: ${format.bytes(heap.size_bytes)}, ${(heap.flags ?? []).includes("device_local") ? "device" : "host"}`,
  );
  const most = report.limits.maxMemoryAllocationCount;
  return [
    ["heaps", heaps],
    ["memory types", report.types.map((type) => `${type.index}: heap ${type.heap}, ${flagsOf(type.flags)}`)],
    ["buffer-image granularity", [format.bytes(report.limits.bufferImageGranularity ?? 0)]],
    ["objects of memory", [most === 4294967295 ? "no limit" : `at most ${format.count(most ?? 0)}`]],
  ];
}
