// The program's table of metrics, as far as people are shown it: which figures, under which names, in which unit. The file
// of the page carries it.
import * as format from "./format.js";

let metrics = [];
export function takeMetrics(rows) {
  metrics = rows;
}

const showOf = ({ unit, is_share: isShare }) => (isShare ? format.percent : (value) => format.inUnit(value, unit));

// What people call a metric, if the table says.
export const nameOf = (id) => metrics.find((metric) => metric.id === id)?.name;

// The columns that belong to a table ("page", "choice" or "best"), in its order: {id, title, name, hint, show, metric}.
export function columnsFor(table) {
  return metrics.flatMap((metric) => metric.columns.filter(({ where }) => where.split(" ").includes(table)).map(({ id, title, name }) => (
    { id, title, name, hint: hintOf(metric, id), show: showOf(metric), metric })));
}

const STATISTICS = { p50: "the median", p99: "99 % took at most this", max: "the longest" };
function hintOf({ id, definition }, of) {
  const statistic = STATISTICS[of.slice(id.length + 1)];
  return definition.charAt(0).toUpperCase() + definition.slice(1) + (statistic ? `: ${statistic}` : "");
}
