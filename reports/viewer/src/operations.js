// What a report has times of, in words.
import { nameOf } from "./metrics.js";

// The histograms of times of any run, in the order of the report.
export function timesOf(report) {
  const ids = report.runs.flatMap((run) => run.histograms.map((histogram) => histogram.id));
  return [...new Set(ids)].filter((id) => /^time\..+_ns$/.test(id));
}
// Of a metric that the program does not know, the words of its id.
export const titleOf = (id) => nameOf(id) ?? id.slice("time.".length, -"_ns".length).replaceAll("_", " ");
