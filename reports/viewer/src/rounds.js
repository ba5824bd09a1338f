// Reports from before rounds hold each repeat of a strategy as a run of its own; here they become the rounds of one run.
import { list, object } from "./json.js";

const LEAST_SPREAD = 0.02;  // where a process lies in memory moves all of its rounds alike
const median = (sorted) => (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;

// The 95 % interval of the median by order statistics, [low, high]; null of fewer than six values.
export function medianInterval(sorted) {
  const n = sorted.length;
  let chance = 2 ** -n;  // of at most `rank` values below the median
  let tail = chance;
  let rank = 0;
  while (2 * tail <= 0.05 && 2 * rank < n) {
    ++rank;
    chance *= (n - rank + 1) / rank;
    tail += chance;
  }
  return rank === 0 ? null : [sorted[rank - 1], sorted[n - rank]];
}

function foldMetric(metric, others) {
  const rounds = [metric, ...others];
  const values = rounds.map(({ value }) => value);
  if (!values.every((value) => typeof value === "number")) return metric;
  if (metric.class === "exact") {
    return new Set(values).size === 1 ? metric : { ...metric, class: "noisy", value: median([...values].sort((a, b) => a - b)) };
  }
  if (metric.class !== "noisy") return { ...metric, value: metric.better === "higher" ? Math.min(...values) : Math.max(...values) };
  const sorted = [...values].sort((a, b) => a - b);
  const interval = medianInterval(sorted);
  const middle = median(sorted);
  const least = metric.unit === "count" ? 0 : LEAST_SPREAD * middle;
  const counts = rounds.map((each) => each.n ?? 0);
  const n = String(metric.id).endsWith(".max") ? Math.max(...counts) : counts.reduce((sum, each) => sum + each, 0);  // a maximum is of one round
  return { ...metric, value: middle, n, ...(interval ? { low: Math.min(interval[0], middle - least), high: Math.max(interval[1], middle + least) } : {}) };
}

function foldHistogram(histogram, others) {
  const bins = new Map();
  const rounds = [histogram, ...others];
  for (const each of rounds) for (const [bin, count] of list(each.bins)) bins.set(bin, (bins.get(bin) ?? 0) + count);
  const sum = (key) => rounds.reduce((total, each) => total + each[key], 0);
  return {
    ...histogram, count: sum("count"), sum: sum("sum"), min: Math.min(...rounds.map(({ min }) => min)), max: Math.max(...rounds.map(({ max }) => max)),
    bins: [...bins].sort((a, b) => a[0] - b[0]),
  };
}

const all = (values) => list(values).map(object);
const metricKey = ({ id, scope }) => JSON.stringify([id, scope]);

function fold(runs) {
  const [first, ...others] = runs;
  if (others.length === 0) return first;
  const byKey = others.map((run) => new Map(all(run.metrics).map((metric) => [metricKey(metric), metric])));
  const byId = others.map((run) => new Map(all(run.histograms).map((histogram) => [histogram.id, histogram])));
  const found = (maps, key) => maps.map((map) => map.get(key)).filter((each) => each);
  return {
    ...first, rounds: runs.length, status: runs.find(({ status }) => status !== "ok")?.status ?? "ok",
    metrics: all(first.metrics).map((metric) => foldMetric(metric, found(byKey, metricKey(metric)))),
    histograms: all(first.histograms).map((histogram) => foldHistogram(histogram, found(byId, histogram.id))),
    checks: { ...first.checks, violations: runs.flatMap((run) => list(run.checks?.violations)) },
    leaks: runs.flatMap((run) => list(run.leaks)),
  };
}

// The runs with the repeats of each strategy in one; those of a report that has no repeats as they are.
export function foldRepeats(runs) {
  if (!runs.some((run) => run?.repeat > 0)) return runs;
  const groups = new Map();
  for (const run of all(runs)) {
    const base = JSON.stringify([run.strategy, run.clock, run.replay]);
    const isNew = groups.get(base)?.every(({ repeat }) => repeat !== run.repeat) ?? true;
    const key = isNew ? base : Symbol();  // the same repeat twice is damage, and shown
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map(fold);
}
