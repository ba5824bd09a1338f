// Reports of one scenario and device against each other: what they were made with, and how each figure changed.
import * as format from "./format.js";
import { plain } from "./json.js";
import { isTime, overlap, readingOf } from "./reading.js";

// The reports of the same scenario on the same device as `report`, itself among them.
export function sameDevice(reports, report) {
  return reports.filter((other) => other.scenarioName === report.scenarioName && other.deviceName === report.deviceName);
}

// A short name for each: its path without the folders that all have in common, numbered where two are the same.
export function fileNames(reports) {
  const paths = reports.map((report) => report.file.split("/"));
  const depth = Math.min(...paths.map((path) => path.length - 1));
  let common = 0;
  while (common < depth && paths.every((path) => path[common] === paths[0][common])) ++common;
  const seen = new Map();
  return paths.map((path) => {
    const name = path.slice(common).join("/");
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return seen.get(name) > 1 ? `${name} (${seen.get(name)})` : name;
  });
}

const FACTS = [
  ["tool", ({ tool }) => [tool.version, tool.git_sha, tool.build_type]], ["compiler", ({ tool }) => [tool.compiler, tool.flags]],
  ["libraries", ({ tool }) => Object.entries(tool.libs ?? {}).map(([name, version]) => `${name} ${version}`)],
  ["host", ({ host }) => [host.cpu, host.kernel]], ["driver", ({ device }) => [device.driver?.name, device.driver?.info]],
  ["device answers", ({ device }) => [device.requirements_hash]],
  ["seed", ({ scenario }) => [scenario.seed]], ["trace", ({ scenario }) => [scenario.trace_hash]],
  ["clock", (report) => [report.clock]], ["replay", ({ runs }) => [runs[0]?.raw.replay]],
  ["rounds", ({ runs }) => [runs.reduce((most, run) => Math.max(most, run.rounds), 1)]],
  ["status", ({ status }) => [status]], ["strategies", ({ runs }) => runs.map((run) => run.name)],
];
const said = (values) => values.map(plain).filter((value) => value !== "").join(", ");

// What the reports were made with, where it differs: [what, a text a report].
export function whatDiffers(reports) {
  const rows = FACTS.map(([what, read]) => [what, ...reports.map((report) => said(read(report)))]);
  for (const name of commonRuns(reports)) {
    const parameters = reports.map((report) => runOf(report, name).parameters);
    for (const key of new Set(parameters.flatMap(Object.keys))) rows.push([`${name}: ${key}`, ...parameters.map((each) => plain(each[key]))]);
  }
  return rows.filter(([, first, ...others]) => others.some((value) => value !== first));
}

export const runOf = (report, name) => report.runs.find((run) => run.name === name);
// The strategies that all ran, in the order of the first.
export const commonRuns = ([first, ...others]) => first.runs.map((run) => run.name).filter((name) => others.every((report) => runOf(report, name)));

// Why figures of two reports mean different things; "" where they mean the same. `timed`: of times.
export function barrier(base, other, timed = false) {
  if (base.scenario.trace_hash !== other.scenario.trace_hash) return "the traces differ";
  if (base.device.requirements_hash !== other.device.requirements_hash) return "the device answers otherwise";
  if (base.runs[0]?.raw.replay !== other.runs[0]?.raw.replay) return "ordered and concurrent replay";
  return timed && base.clock !== other.clock ? "the clocks differ" : "";
}

// How a metric differs between a run of `base` and one of `other`: {kind, why, change, share, isBetter}. kind is "same",
// "beyond" (exact, or intervals that do not overlap), "within" noise, "unknown" noise, or "none" with why. isBetter is null
// where nobody can say.
export function difference(base, other) {
  const metric = other.metric ?? base.metric;
  const of = (why) => ({ kind: "none", why, change: null, share: null, isBetter: null });
  if (base.metric === undefined || other.metric === undefined) return of(base.metric === undefined ? "not in the base" : "not in this one");
  const why = barrier(base.report, other.report, isTime(metric));
  if (why !== "") return of(why);
  if (base.run.status !== "ok" || other.run.status !== "ok") return of("one did not run to its end");
  const [before, after] = [readingOf(base.run, base.metric), readingOf(other.run, other.metric)];
  if (before.value === null || after.value === null) return of(before.reason || after.reason);
  if ((before.needs > 0) !== (after.needs > 0)) return of("a percentile and a maximum");
  const change = after.value - before.value;
  const isKnown = before.low !== null && after.low !== null;
  const kind = change === 0 && before.isExact && after.isExact ? "same" : !isKnown ? "unknown" : overlap(before, after) ? "within" : "beyond";
  const isBetter = kind !== "beyond" || !["lower", "higher"].includes(metric.better) ? null : change < 0 === (metric.better === "lower");
  return { kind, why: "", change, share: before.value === 0 ? null : change / Math.abs(before.value), isBetter };
}

const NOISE = { beyond: "", within: "within noise", unknown: "noise not known" };
// "+12.0 MiB (+1.7 %)", and what is to be said of its noise.
export function differenceText({ kind, why, change, share }, show, isExact) {
  if (kind === "none") return { text: "", note: why };
  if (kind === "same") return { text: "same", note: "" };
  const sign = (value) => (value < 0 ? "\u2212" : "+");
  const percent = share === null ? "" : (Math.abs(share) >= 10 ? format.count : (value) => value.toFixed(1))(Math.abs(share) * 100);
  const text = change === 0 ? "0" : `${sign(change)}${show(Math.abs(change))}${percent && ` (${sign(share)}${percent} %)`}`;
  return { text, note: kind === "beyond" && !isExact ? "beyond noise" : NOISE[kind] };
}
