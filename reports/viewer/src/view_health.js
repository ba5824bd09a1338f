// Leaks, checks and what the allocators warned of.
import { el, name, table } from "./dom.js";
import * as format from "./format.js";

const MOST = 50;
// What is worth attention comes first; kinds that are not listed come after.
const KINDS = ["refusal", "pressure", "warning", "fallback", "defragmentation", "most_mapped"];
const TITLES = { refusal: "refusals", pressure: "memory pressure", warning: "health warnings", fallback: "fallbacks", defragmentation: "defragmentation passes", most_mapped: "most mapped" };

const capped = (rows, rest) => [rows.slice(0, MOST), rows.length > MOST || rest > 0 ? el("p", { class: "quiet" }, `${format.count(Math.max(0, rows.length - MOST) + rest)} more are not shown.`) : null];

function leaks(report) {
  const leaking = report.runs.filter((run) => (run.value("leak.count") ?? run.leaks.length) > 0);
  if (leaking.length === 0) {
    return el("p", {}, el("span", { class: "good-sign" }, "\u2714 "), report.runs.length > 0 ? "No strategy leaks: all device memory was given back." : "Nothing ran.");
  }
  const rows = leaking.flatMap((run) => run.leaks.map((leak) => [name(run.name), name(String(leak.tag ?? "")), String(leak.kind), format.bytes(Number(leak.bytes) || 0), format.count(leak.created_frame ?? 0), String(leak.id)]));
  const [shown, more] = capped(rows, leaking.reduce((sum, run) => sum + (run.raw.leaks_dropped ?? 0), 0));
  return [
    table(["strategy", "leaks", "bytes"], leaking.map((run) => [name(run.name), format.count(run.value("leak.count") ?? run.leaks.length), format.bytes(run.value("leak.bytes") ?? 0)])),
    rows.length > 0 && table(["strategy", "tag", "kind", "size", "created in frame", "id"], shown), more,
  ];
}

function checks(report) {
  const violations = report.runs.flatMap((run) => (run.checks.violations).map((text) => [name(run.name), text]));
  const done = [...new Set(report.runs.flatMap((run) => run.checks.done))];
  const skipped = new Map(report.runs.flatMap((run) => run.checks.skipped.map(({ check, why }) => [String(check), String(why)])));
  const [shown, more] = capped(violations, 0);
  return [
    violations.length > 0 && [table(["strategy", "violation"], shown), more],
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
      kinds.get(kind).push([name(run.name), format.count(event.frame ?? 0), String(event.text ?? "")]);
    }
  }
  const rank = (kind) => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
  const dropped = report.runs.reduce((sum, run) => sum + (run.raw.events_dropped ?? 0), 0);
  const lists = [...kinds].sort((a, b) => rank(a[0]) - rank(b[0])).map(([kind, rows]) => {
    const [shown, more] = capped(rows, 0);
    return el("details", {}, el("summary", {}, `${TITLES[kind] ?? kind}: ${format.count(rows.length)}`), table(["strategy", "frame", "what"], shown, { class: "prose" }), more);
  });
  return [lists.length > 0 ? lists : el("p", { class: "quiet" }, "None."), dropped > 0 && el("p", { class: "quiet" }, `${format.plural(dropped, "event")} more are not in the report.`)];
}

export function healthView({ report }) {
  return el("div", {}, el("h3", {}, "Leaks"), leaks(report), el("h3", {}, "Checks"), checks(report), el("h3", {}, "Events"), events(report));
}
