// One figure of a run with what is known of its noise, and who of several is surely best.
import * as format from "./format.js";
import { count, number } from "./json.js";

// What a percentile of a noisy time needs before it is one.
const SAMPLES = { p99: 1000, p999: 10000 };
const TIME_UNITS = new Set(["ns", "per_s", "bytes_per_s"]);

export const isTime = (metric) => TIME_UNITS.has(metric.unit) || String(metric.id).startsWith("time.");
// Under the model clock times are a function of their inputs, also in reports from before their class said so.
const classOf = (run, metric) => (metric.class === "noisy" && run.clock === "model" ? "exact" : metric.class);

// {value, low, high, n, needs, reason, note, isExact, isRanked} of a metric. low and high are null where the noise is not
// known; `needs` is the samples that a percentile lacks, and `value` then the maximum; `note` says what a value leaves out.
export function readingOf(run, metric) {
  if (metric === undefined) return nothing("not measured in this run");
  if (number(metric.value) === null) return nothing(String(metric.reason ?? "not measured"));
  const kind = classOf(run, metric);
  const isExact = kind === "exact";
  const isFixed = isExact || (kind === "bounded" && run.raw.replay !== "concurrent");
  const n = count(metric.n);
  const [stem, statistic] = String(metric.id).split(/\.(?=[^.]*$)/);
  const least = metric.needs_n ?? (n > 0 && n < (SAMPLES[statistic] ?? 0) ? SAMPLES[statistic] : 0);
  const needs = kind === "noisy" ? least : 0;
  const reading = {
    value: metric.value, n, needs, isExact, reason: "", note: String(metric.note ?? ""), isFew: least > 0,
    low: isFixed ? metric.value : number(metric.low), high: isFixed ? metric.value : number(metric.high),
  };
  reading.isRanked = reading.low !== null && reading.high !== null && needs === 0 && !(run.isStubTimed && isTime(metric));
  if (needs === 0) return reading;
  const most = run.metric(`${stem}.max`, metric.scope);
  const lacking = `a percentile needs ${format.count(needs)} samples, there are ${format.count(n)}`;
  if (number(most?.value) === null) return { ...nothing(lacking), needs };
  return { ...reading, value: most.value, n: most.n || n, low: null, high: null, reason: lacking };
}
const nothing = (reason) => ({ value: null, low: null, high: null, n: 0, needs: 0, reason, note: "", isExact: false, isFew: false, isRanked: false });
export const canWin = (run) => !run.isFloor && run.status === "ok";
// Who refused more requests than another did less work.
const contends = (run) => canWin(run) && !run.refusesMore;

export const reading = (run, id) => readingOf(run, run.metric(id));

// The sum of several readings; noise does not add up, so it is exact or not ranked.
export function sumOf(readings, reason) {
  if (readings.length === 0) return nothing(reason);
  const value = readings.reduce((sum, each) => sum + (each.value ?? 0), 0);
  const isExact = readings.every((each) => each.isExact || each.value === null);
  return { ...nothing(""), value, isExact, low: isExact ? value : null, high: isExact ? value : null, isRanked: isExact };
}

// "\u00b18 %": half the interval, "" of what is exact or of unknown noise.
export function spreadOf({ value, low, high, isExact }) {
  if (isExact || low === null || high === null || value === null) return "";
  const share = value === 0 ? 0 : (high - low) / 2 / Math.abs(value);
  return share === 0 ? "" : `\u00b1${Math.max(1, Math.round(100 * share))} %`;
}
// {text, aside, hint}: the value, what stands small beside it, and a sentence for those who ask.
export function textsOf(of, show, rounds = 1) {
  if (of.value === null) return { text: "n/a", aside: "", hint: of.reason };
  const aside = of.needs > 0 ? `max of ${format.count(of.n)}` : of.isFew ? `of ${format.count(of.n)}` : spreadOf(of);
  const samples = of.n > 0 ? `; ${format.plural(of.n, "sample")}` : "";
  const turns = format.plural(rounds, "round");
  const measured = of.isExact ? "exact" : of.low === null ? `of ${turns}: the noise is not known`
      : `${show(of.low)} to ${show(of.high)}: 95 % interval of the median of ${turns}`;
  return { text: show(of.value) + (of.note ? "*" : ""), aside, hint: [of.reason || measured + samples, of.note].filter((each) => each).join("; ") };
}

export const overlap = (a, b) => a.low <= b.high && b.low <= a.high;

// The readings of `runs` that compete, as entries {of, text, i}: none where one of them does not rank. Where some leave out
// what others do not, only the others do.
export function contest(runs, readings, show, competes = contends) {
  const all = readings.map((of, i) => ({ of, i })).filter(({ of, i }) => of.value !== null && competes(runs[i]))
      .map(({ of, i }) => ({ of, i, text: show(of.value) }));
  if (!all.every(({ of }) => of.isRanked)) return [];
  return new Set(all.map(({ of }) => of.note)).size > 1 ? all.filter(({ of }) => of.note === "") : all;
}

// The entries that no other surely beats; `sign` is 1 where less is better, -1 where more is. What is exact and reads the
// same is the same.
export function unbeaten(entries, sign) {
  const [near, far] = sign > 0 ? ["low", "high"] : ["high", "low"];
  const bound = entries.reduce((least, { of }) => Math.min(least, sign * of[far]), Infinity);
  const top = entries.filter(({ of }) => sign * of[near] <= bound);
  const texts = new Set(top.filter(({ of }) => of.isExact).map(({ text }) => text));
  return entries.filter(({ of, text }) => sign * of[near] <= bound || (of.isExact && texts.has(text)));
}
// One, or several that are exact and read the same.
export const isClear = (entries) => entries.length === 1 || (entries.length > 1 && entries.every(({ of, text }) => of.isExact && text === entries[0].text));
