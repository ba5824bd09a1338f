// CPU memory: what strategies and driver hold as metadata, by category and place, and what was never freed.
import { choice, el, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { categoryTree } from "./host_memory.js";

const MOST = 100;
const INDENT = 1.1;  // em

export const hasHostMemory = (report) => report.runs.some((run) => run.hostMemory !== null);

// A metric of metadata: the total, or that of a category.
function metadata(run, id, category) {
  const metric = category === undefined ? run.metric(id) : undefined;
  const value = category === undefined ? run.value(id) : run.scopes(id).find(([scope]) => scope === category)?.[1] ?? null;
  return value === null ? el("span", { title: String(metric?.reason ?? "nothing was asked for") }, "n/a") : format.bytes(value);
}

// What is live dark, up to the peak light.
function bar(row, highest) {
  const width = (bytes) => `${highest > 0 ? (100 * Math.min(bytes, highest)) / highest : 0}%`;
  return el("span", { class: "stack" },
      el("span", { style: { width: width(Math.min(row.live, row.peak)), background: "var(--hue-0)" } }),
      el("span", { style: { width: width(Math.max(0, row.peak - row.live)), background: "var(--hue-0)", opacity: 0.35 } }));
}

const figures = (row) => [format.bytes(row.live), format.count(row.liveCount), format.bytes(row.peak), format.bytes(row.total), format.count(row.allocations)];
const HEADINGS = ["live", "live count", "peak", "in all", "allocations"];

function byStrategy(runs) {
  return [
    table(
      ["strategy", "bytes per allocation", "the strategy's own", "the driver's", "peak of all metadata", "leaks"],
      runs.slice(0, MOST).map((run) => [
        name(run.name),
        metadata(run, "host.bytes_per_allocation"),
        metadata(run, "host.bytes_per_allocation", "strategy"),
        metadata(run, "host.bytes_per_allocation", "driver"),
        metadata(run, "host.peak_bytes"),
        format.plural(
          run.hostMemory.leaks.reduce((sum, leak) => sum + leak.liveCount, 0),
          "allocation",
        ),
      ]),
    ),
    runs.length > MOST && el("p", { class: "quiet" }, `${runs.length - MOST} more strategies are not shown.`),
  ];
}

function byCategory({ categories }) {
  const rows = categoryTree(categories, MOST);
  const highest = Math.max(0, ...rows.map(({ row }) => row.peak));
  return [
    table(
      ["category", ...HEADINGS, "dark: live; light: peak"],
      rows.map(({ row, name: own, depth }) => [
        el(
          "span",
          { title: row.category, style: { "padding-left": `${Math.min(depth, 20) * INDENT}em` } },
          name(own, { title: row.category }),
        ),
        ...figures(row),
        bar(row, highest),
      ]),
      { class: "host" },
    ),
    categories.length - 1 > rows.length &&
      el("p", { class: "quiet" }, `${format.count(categories.length - 1 - rows.length)} more, with lower peaks, are in the report.`),
  ];
}

function byPlace(title, rows, none) {
  const shown = rows.slice(0, MOST);
  return [
    el("h3", {}, title),
    rows.length === 0 ? el("p", {}, none) : table(["place", "category", ...HEADINGS], shown.map((row) => [
      row.place === "" ? "(no place known)" : name(row.place), name(row.category), ...figures(row)]), { class: "places" }),
    rows.length > shown.length && el("p", { class: "quiet" }, `${format.count(rows.length - shown.length)} more are in the report.`),
  ];
}

const SCOPES = [
  ["reallocations", "reallocations"],
  ["refusals", "refusals"],
  ["internal_allocations", "internal allocations"],
  ["internal_frees", "internal frees"],
];

function byScope(scopes) {
  return scopes.length > 0 && [
    el("h3", {}, "What else the driver did"),
    table(["scope", ...SCOPES.map(([, title]) => title), "internal, live"], scopes.slice(0, MOST).map((scope) => [
      name(String(scope.scope ?? "")), ...SCOPES.map(([key]) => format.count(Number(scope[key]) || 0)), format.bytes(Number(scope.internal_live_bytes) || 0)])),
  ];
}

export function hostMemoryView(view) {
  const runs = view.report.runs.filter((run) => run.hostMemory !== null);
  const place = el("div");
  const show = ({ hostMemory }) => replace(place,
      byCategory(hostMemory),
      byPlace("Places that hold most", hostMemory.places, "Nothing was allocated."), byScope(hostMemory.scopes),
      byPlace("Not freed at the end", hostMemory.leaks, "Nothing: all CPU memory was freed."));
  const first = Math.max(0, runs.findIndex((run) => view.selection.has(run.index)));
  show(runs[first]);
  return el(
    "div",
    {},
    el(
      "p",
      { class: "quiet" },
      "What strategy and driver allocate for their own metadata, and the CPU memory of the scenario itself (trace). Live is of one " +
        "moment, the end of the frame in which the most allocations of device memory are live; peaks, totals and leaks are of the " +
        "whole run. The peak of one thread is exact; each of several adds an error of at most 1/64 of it (1 to 64 KiB) and 4 KiB a " +
        "row below.",
    ),
    byStrategy(runs),
    el("h3", {}, "By category"),
    choice("Strategy", runs.map((run) => run.name), first, (i) => show(runs[i])),
    place,
  );
}
