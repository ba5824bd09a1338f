// What a report says first: what went wrong, what to distrust, and who is best at what.
import { measured } from "./columns.js";
import * as format from "./format.js";
import { number, text } from "./json.js";
import { columnsFor } from "./metrics.js";
import { canWin, contest, isClear, reading, textsOf, unbeaten } from "./reading.js";

export const namesOf = (all) => (all.length > 4 ? `${all.slice(0, 4).join(", ")} and ${all.length - 4} more` : all.join(", "));
const names = (runs) => namesOf(runs.map((run) => run.name));
const listed = (parts, word) => (parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`);
// What a good run did not do, by the metric that counts it: [asked, answered].
const KEPT = {
  "alloc.failed_count": ["it refused requests", "refused nothing"], "budget.over_frames_count": ["it kept the budget", "kept the budget"],
  "leak.count": ["it leaked", "leaked nothing"],
};
// What a machine or a clock does to the times; the first thing to know of a report that has any.
const DISTRUST = new Set(["checked", "wall_clock_simulated", "cpu_driver", "loaded", "noisy_rounds", "virtual_machine"]);
const ENDS = { timeout: "cut short by a time limit" };
const ROUNDS = 6;  // fewer give no 95 % interval of a median

// How a run that is not "ok" ended: "timeout after 1,200 of 40,794 events, 3 %".
export function howFar(run, report) {
  const done = number(run.raw.events_done);
  const all = number(report.scenario.event_count);
  if (done === null) return run.status;
  return `${run.status} after ${format.count(done)}${all ? ` of ${format.count(all)} events, ${Math.floor((100 * done) / all)} %` : " events"}`;
}
const sentence = (said) => said.charAt(0).toUpperCase() + said.slice(1) + (/[.!?]$/.test(said) ? "" : ".");
const total = (runs, id) => runs.reduce((sum, run) => sum + (run.value(id) ?? 0), 0);

// [{level: problem | warning | note | good, text}], the worst first.
export function findings(report) {
  const found = [];
  const add = (level, text) => found.push({ level, text });
  const having = (id) => report.runs.filter((run) => (run.value(id) ?? 0) > 0);

  if (report.runs.length === 0) add("problem", "No strategy has run.");
  if (report.status !== "ok") add("problem", `The report is ${ENDS[report.status] ?? report.status}: it holds what was run until then.`);
  const unfinished = report.runs.filter((run) => run.status !== "ok");
  const ends = unfinished.map((run) => `${run.name} (${howFar(run, report)})`);
  if (ends.length > 0) add("problem", `Not run to the end, and so not ranked: ${namesOf(ends)}.`);
  for (const run of report.runs) {
    const violations = run.checks.violations;
    if (violations.length > 0) add("problem", `${run.name} failed ${format.plural(violations.length, "check")}, first: ${violations[0]}`);
  }
  const invalid = having("api.invalid_calls");
  for (const run of invalid.slice(0, 3)) {
    const first = run.events.find((event) => event.kind === "invalid_call");
    const where = first ? `, first in frame ${format.count(first.frame ?? 0)}: ${text(first.text)}` : "";
    add("problem", `${run.name} made ${format.plural(run.value("api.invalid_calls"), "invalid Vulkan call")}${where}.`);
  }
  if (invalid.length > 3) add("problem", `${invalid.length - 3} more strategies made invalid Vulkan calls.`);
  const leaking = having("leak.count");
  if (leaking.length > 0)
    add(
      "problem",
      `${names(leaking)} ${leaking.length === 1 ? "leaks" : "leak"} device memory: ` +
        `${format.plural(total(leaking, "leak.count"), "allocation")}, ${format.bytes(total(leaking, "leak.bytes"))}.`,
    );
  const refusing = having("alloc.failed_count");
  for (const run of refusing.slice(0, 3)) {
    const first = run.events.find((event) => event.kind === "refusal");
    add(
      "warning",
      `${run.name} refused ${format.plural(run.value("alloc.failed_count"), "request")}` +
        `${first ? `, first in frame ${format.count(first.frame)}: ${text(first.text)}` : ""}. Its memory and times are of what it served.`,
    );
  }
  if (refusing.length > 3) add("warning", `${refusing.length - 3} more strategies refused requests.`);
  const over = having("budget.over_frames_count");
  if (over.length > 0) {
    const worst = over.reduce((a, b) => (b.value("budget.over_max_bytes") > a.value("budget.over_max_bytes") ? b : a));
    add(
      "warning",
      `Over the memory budget: ${names(over)}; most by ${worst.name}, ` +
        `${format.bytes(worst.value("budget.over_max_bytes") ?? 0)} in ${format.plural(worst.value("budget.over_frames_count"), "frame")}.`,
    );
  }
  const evicting = having("evict.count");
  if (evicting.length > 0)
    add(
      "note",
      `${names(evicting)} evicted objects under pressure: ${format.plural(total(evicting, "evict.count"), "object")}, ` +
        `${format.bytes(total(evicting, "evict.bytes"))} in all.`,
    );
  const falling = having("fallback.count");
  if (falling.length > 0) add("note", `Memory of a second choice of type was taken by ${names(falling)}.`);
  const warned = report.runs.map((run) => [run, run.events.filter((event) => event.kind === "warning")]).filter(([, events]) => events.length > 0);
  if (warned.length > 0) {
    const [run, events] = warned.reduce((a, b) => (b[1].length > a[1].length ? b : a));
    add(
      "note",
      `Health warnings from ${names(warned.map(([each]) => each))}; most from ${run.name}, ${events.length}, ` +
        `first in frame ${format.count(events[0].frame ?? 0)}: ${text(events[0].text)}.`,
    );
  }
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
  return [...quality(report), ...found].map((finding, i) => ({ ...finding, i }))
      .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || a.i - b.i).map(({ level, text }) => ({ level, text }));
}

// What to know before any figure is believed.
function quality(report) {
  const found = report.warnings.map((warning) => ({
    level: DISTRUST.has(warning.code) ? "warning" : "note",
    text: sentence(text(warning.text ?? warning.code)),
  }));
  if (report.isStubTimed && !report.warnings.some(({ code }) => code === "wall_clock_simulated")) {
    const said = "A simulated device by the wall clock: only the allocator\u2019s own work is timed, so nobody is ranked by a time";
    found.push({ level: "warning", text: `${said} (--clock model counts the driver\u2019s).` });
  }
  const few = report.runs.filter((run) => run.clock === "wall" && !run.isStubTimed && run.rounds < ROUNDS && run.metric("time.frame_ns.p50"));
  if (few.length > 0) {
    const most = Math.max(...few.map((run) => run.rounds));
    const said = `Measured in ${format.plural(most, "round")}: what of the times is noise cannot be told, so nobody is ranked by them`;
    found.push({ level: "note", text: `${said} (it takes ${ROUNDS} rounds at least: --repeat auto).` });
  }
  for (const truncation of report.truncations) found.push({ level: "note", text: sentence(`Cut short: ${truncation}`) });
  return found;
}

// The strategy that others are measured against: VMA as it comes, else the first proper one.
export function baselineOf(runs) {
  return runs.find((run) => run.strategy === "vma") ?? runs.find((run) => !run.isFloor) ?? runs[0];
}

// The best strategies by what matters most, where less is better: [{title, text, aside, note, names}], `isTie` where noise hides who is best.
// Only those compete that ran to the end, served every request, and whose noise is known.
export function winners(report) {
  const fit = report.runs.filter((run) => canWin(run) && (run.value("alloc.failed_count") ?? 0) === 0);
  const baseline = baselineOf(fit);
  return measured(fit, columnsFor("best")).flatMap(({ id, name, show }) => {
    const title = `Lowest ${name}`;
    const entries = contest(fit, fit.map((run) => reading(run, id)), show);
    if (entries.length < 2) return [];
    const best = unbeaten(entries, 1).sort((a, b) => a.of.value - b.of.value);
    const worst = entries.reduce((a, b) => (b.of.value > a.of.value ? b : a));
    const said = `${fit[worst.i].name}: ${worst.text}`;
    const card = { title, names: best.map(({ i }) => fit[i].name), isTie: !isClear(best) };
    if (card.isTie) return [{ ...card, text: "no difference beyond noise", aside: "", note: best.includes(worst) ? "" : said }];
    const [{ of, text, i }] = best;
    const base = entries.find((entry) => fit[entry.i] === baseline);
    const { aside } = textsOf(of, show, fit[i].rounds);
    const isBase = base === undefined || best.includes(base);
    return [{ ...card, text, aside, note: isBase ? said : `${comparedSurely(of, base.of)} ${baseline.name} (${base.text})` }];
  });
}

// A change that noise does not make larger: between the ends of the intervals that face each other.
const comparedSurely = (low, high) =>
  (low.isExact && high.isExact ? format.compared(low.value, high.value) : `at least ${format.compared(low.high, high.low)}`);
