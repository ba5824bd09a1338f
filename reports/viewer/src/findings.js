// What a report says first: what went wrong, what to distrust, and who is best at what.
import * as format from "./format.js";
import { text } from "./report.js";

const names = (runs) => {
  const shown = runs.slice(0, 4).map((run) => run.name).join(", ");
  return runs.length > 4 ? `${shown} and ${runs.length - 4} more` : shown;
};
const listed = (parts, word) => (parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`);
// What a good run did not do, by the metric that counts it: [asked, answered].
const KEPT = {
  "alloc.failed_count": ["it refused requests", "refused nothing"], "budget.over_frames_count": ["it kept the budget", "kept the budget"],
  "leak.count": ["it leaked", "leaked nothing"],
};
const total = (runs, id) => runs.reduce((sum, run) => sum + (run.value(id) ?? 0), 0);

// [{level: problem | warning | note | good, text}], the worst first.
export function findings(report) {
  const found = [];
  const add = (level, text) => found.push({ level, text });
  const having = (id) => report.runs.filter((run) => (run.value(id) ?? 0) > 0);

  if (report.runs.length === 0) add("problem", "No strategy has run.");
  if (report.status !== "ok") add("problem", `The report is ${report.status}: it holds what was run until then.`);
  const unfinished = report.runs.filter((run) => run.status !== "ok");
  if (unfinished.length > 0) add("problem", `Not run to the end: ${names(unfinished)}.`);
  for (const run of report.runs) {
    const violations = run.checks.violations;
    if (violations.length > 0) add("problem", `${run.name} failed ${format.plural(violations.length, "check")}, first: ${violations[0]}`);
  }
  const leaking = having("leak.count");
  if (leaking.length > 0) add("problem", `${names(leaking)} ${leaking.length === 1 ? "leaks" : "leak"} device memory: ${format.plural(total(leaking, "leak.count"), "allocation")}, ${format.bytes(total(leaking, "leak.bytes"))}.`);
  const refusing = having("alloc.failed_count");
  for (const run of refusing.slice(0, 3)) {
    const first = run.events.find((event) => event.kind === "refusal");
    add("warning", `${run.name} refused ${format.plural(run.value("alloc.failed_count"), "request")}${first ? `, first in frame ${format.count(first.frame)}: ${text(first.text)}` : ""}. Its memory and times are of what it served.`);
  }
  if (refusing.length > 3) add("warning", `${refusing.length - 3} more strategies refused requests.`);
  const over = having("budget.over_frames_count");
  if (over.length > 0) {
    const worst = over.reduce((a, b) => (b.value("budget.over_max_bytes") > a.value("budget.over_max_bytes") ? b : a));
    add("warning", `Over the memory budget: ${names(over)}; most by ${worst.name}, ${format.bytes(worst.value("budget.over_max_bytes") ?? 0)} in ${format.plural(worst.value("budget.over_frames_count"), "frame")}.`);
  }
  const evicting = having("evict.count");
  if (evicting.length > 0) add("note", `${names(evicting)} evicted objects under pressure: ${format.plural(total(evicting, "evict.count"), "object")}, ${format.bytes(total(evicting, "evict.bytes"))} in all.`);
  const falling = having("fallback.count");
  if (falling.length > 0) add("note", `Memory of a second choice of type was taken by ${names(falling)}.`);
  const warned = report.runs.map((run) => [run, run.events.filter((event) => event.kind === "warning")]).filter(([, events]) => events.length > 0);
  if (warned.length > 0) {
    const [run, events] = warned.reduce((a, b) => (b[1].length > a[1].length ? b : a));
    add("note", `Health warnings from ${names(warned.map(([each]) => each))}; most from ${run.name}, ${events.length}, first in frame ${format.count(events[0].frame ?? 0)}: ${text(events[0].text)}.`);
  }
  for (const warning of report.warnings) add(warning.code === "checked" ? "warning" : "note", text(warning.text ?? warning.code));
  for (const truncation of report.truncations) add("note", `Cut short: ${truncation}.`);
  // What is not measured is not good.
  const kept = Object.entries(KEPT);
  const unknown = kept.filter(([id]) => report.runs.some((run) => run.value(id) === null));
  if (report.runs.length > 0 && unknown.length > 0) {
    const silent = report.runs.filter((run) => unknown.some(([id]) => run.value(id) === null));
    add("note", `Not known of ${names(silent)}: whether ${listed(unknown.map(([, [question]]) => question), "or")}.`);
  }
  if (!found.some(({ level }) => level === "problem" || level === "warning")) {
    const known = kept.filter((entry) => !unknown.includes(entry)).map(([, [, answer]]) => answer);
    add("good", `Every strategy ${listed(["ran to its end", ...known], "and")}.`);
  }
  const order = ["problem", "warning", "good", "note"];
  return found.map((finding, i) => ({ ...finding, i })).sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || a.i - b.i)
      .map(({ level, text }) => ({ level, text }));
}

// The strategy that others are measured against: VMA as it comes, else the first proper one.
export function baselineOf(runs) {
  return runs.find((run) => run.strategy === "vma") ?? runs.find((run) => !run.isFloor) ?? runs[0];
}

// The best strategies by what matters most: [{title, run, text, note}]. Only those that ran to the end and served every
// request compete.
export function winners(report) {
  const fit = report.runs.filter((run) => !run.isFloor && run.status === "ok" && (run.value("alloc.failed_count") ?? 0) === 0);
  const baseline = baselineOf(fit);
  const what = fit.some((run) => run.metric("time.create_buffer_ns.p99")) ? "buffer" : "image";
  const create = `time.create_${what}_ns`;
  const rows = [
    ["Least memory", "mem.reserved_peak_bytes", format.bytes],
    ["Shortest frames (p99)", "time.frame_ns.p99", format.ns],
    [`Shortest ${what} creation (p99)`, `${create}.p99`, format.ns],
    [`Shortest slowest ${what} creation`, `${create}.max`, format.ns],
  ];
  return rows.flatMap(([title, id, show]) => {
    const measured = fit.filter((run) => run.value(id) !== null);
    if (measured.length < 2) return [];
    const best = measured.reduce((a, b) => (b.value(id) < a.value(id) ? b : a));
    const same = measured.filter((run) => show(run.value(id)) === show(best.value(id)));
    const base = baseline?.value(id) ?? null;
    const isBase = baseline === undefined || same.includes(baseline) || base === null;
    const worst = measured.reduce((a, b) => (b.value(id) > a.value(id) ? b : a));
    return [{
      title, run: best, others: same.length - 1, text: show(best.value(id)),
      note: isBase ? `${worst.name}: ${show(worst.value(id))}` : `${format.compared(best.value(id), base)} ${baseline.name} (${show(base)})`,
    }];
  });
}
