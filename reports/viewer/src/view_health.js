// Leaks, checks and what the allocators warned of.
import { el, name, table } from "./dom.js";
import * as format from "./format.js";

const MOST = 50;
// What is worth attention comes first; kinds that are not listed come after.
const KINDS = ["invalid_call", "refusal", "pressure", "warning", "fallback", "defragmentation", "most_mapped"];
const TITLES = {
  invalid_call: "invalid Vulkan calls", refusal: "refusals", pressure: "memory pressure", warning: "health warnings", fallback: "fallbacks",
  defragmentation: "defragmentation passes", most_mapped: "most mapped",
};

// A table of the first rows, made from them by `cells`, and how many more there are.
function capped(headings, rows, cells, properties = {}, rest = 0) {
  const more = Math.max(0, rows.length - MOST) + rest;
  return [
    rows.length > 0 && table(headings, rows.slice(0, MOST).map(cells), properties),
    more > 0 && el("p", { class: "quiet" }, `${format.count(more)} more are not shown.`),
  ];
}

function leaks(report) {
  const leaking = report.runs.filter((run) => (run.value("leak.count") ?? run.leaks.length) > 0);
  const unknown = report.runs.filter((run) => run.value("leak.count") === null && run.leaks.length === 0);
  const silent = unknown.length > 0 && el("p", { class: "quiet" }, `Not measured: ${format.plural(unknown.length, "run")}, first `, name(unknown[0].name), ".");
  if (leaking.length === 0) {
    if (report.runs.length === 0) return el("p", {}, "Nothing ran.");
    return silent || el("p", {}, el("span", { class: "good-sign" }, "\u2714 "), "No strategy leaks: all device memory was given back.");
  }
  return [
    capped(["strategy", "leaks", "bytes"], leaking, (run) => [
      name(run.name), format.count(run.value("leak.count") ?? run.leaks.length), format.bytes(run.value("leak.bytes") ?? 0)]),
    capped(["strategy", "tag", "kind", "size", "created in frame", "id"], leaking.flatMap((run) => run.leaks.map((leak) => [run, leak])),
        ([run, leak]) => [name(run.name), name(String(leak.tag ?? "")), String(leak.kind), format.bytes(Number(leak.bytes) || 0),
          format.count(leak.created_frame ?? 0), String(leak.id)],
        {}, leaking.reduce((sum, run) => sum + (run.raw.leaks_dropped ?? 0), 0)),
    silent,
  ];
}

// Calls that Vulkan forbids, of runs that counted them.
function invalidCalls(report) {
  const counted = report.runs.filter((run) => run.value("api.invalid_calls") !== null);
  if (counted.length === 0) return null;
  const guilty = counted.filter((run) => run.value("api.invalid_calls") > 0);
  return [
    el("h3", {}, "Invalid Vulkan calls"),
    guilty.length === 0 ? el("p", {}, el("span", { class: "good-sign" }, "\u2714 "), "None.")
        : capped(["strategy", "calls"], guilty, (run) => [name(run.name), format.count(run.value("api.invalid_calls"))]),
  ];
}

function checks(report) {
  const violations = report.runs.flatMap((run) => run.checks.violations.map((text) => [run, text]));
  const done = [...new Set(report.runs.flatMap((run) => run.checks.done))];
  const skipped = new Map(report.runs.flatMap((run) => run.checks.skipped.map(({ check, why }) => [String(check), String(why)])));
  return [
    capped(["strategy", "violation"], violations, ([run, text]) => [name(run.name), text], { class: "prose" }),
    done.length > 0 && el("p", {}, `Checked: ${done.join(", ")}. ${violations.length === 0 ? "No violations." : ""}`),
    [...skipped].map(([check, why]) => el("p", { class: "quiet" }, `Not checked: ${check} (${why}).`)),
  ];
}

function events(report) {
  const kinds = new Map();
  for (const run of report.runs) {
    for (const event of run.events) {
      const kind = String(event.kind);
      if (!kinds.has(kind)) kinds.set(kind, []);
      kinds.get(kind).push([run, event]);
    }
  }
  const rank = (kind) => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
  const dropped = report.runs.reduce((sum, run) => sum + (run.raw.events_dropped ?? 0), 0);
  const cells = ([run, event]) => [name(run.name), format.count(event.frame ?? 0), String(event.text ?? "")];
  const lists = [...kinds]
    .sort((a, b) => rank(a[0]) - rank(b[0]))
    .map(([kind, rows]) =>
      el(
        "details",
        {},
        el("summary", {}, `${TITLES[kind] ?? kind}: ${format.count(rows.length)}`),
        capped(["strategy", "frame", "what"], rows, cells, { class: "prose" }),
      ),
    );
  return [
    lists.length > 0 ? lists : el("p", { class: "quiet" }, "None."),
    dropped > 0 && el("p", { class: "quiet" }, `${format.plural(dropped, "event")} more are not in the report.`),
  ];
}

export function healthView({ report }) {
  return el("div", {},
      el("h3", {}, "Leaks"), leaks(report), invalidCalls(report), el("h3", {}, "Checks"), checks(report), el("h3", {}, "Events"), events(report));
}
