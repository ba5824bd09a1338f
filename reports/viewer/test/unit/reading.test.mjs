import assert from "node:assert/strict";
import { test } from "node:test";

import { tableColumns } from "../../src/columns.js";
import { findings, winners } from "../../src/findings.js";
import { reading, spreadOf, textsOf } from "../../src/reading.js";
import * as format from "../../src/format.js";
import { measured, metric, reportOf, run, time } from "./fixture.mjs";

const FRAME = "time.frame_ns.p99";
const FRAME_CARD = "Lowest p99 of the allocator work in a frame";
const frames = (name, value, low, high, more) => measured(name, [time(FRAME, value, { low, high })], more);
const column = (report, title) => tableColumns(report.runs).find((each) => each.title === title);
const marks = (report, title) => column(report, title).cells.map((cell) => cell.mark);
const card = (report, title) => winners(report).find((each) => each.title.startsWith(title));

test("a noisy value stands with half its interval, an exact one alone", () => {
  const { runs: [a] } = reportOf([measured("a", [time(FRAME, 1620, { low: 1500, high: 1750 }), metric("mem.reserved_peak_bytes", 1024)])]);
  assert.deepEqual(textsOf(reading(a, FRAME), format.ns, a.rounds),
      { text: "1.62 \u00b5s", aside: "\u00b18 %", hint: "1.50 \u00b5s to 1.75 \u00b5s: 95 % interval of the median of 10 rounds; 20,000 samples" });
  assert.deepEqual(textsOf(reading(a, "mem.reserved_peak_bytes"), format.bytes), { text: "1.00 KiB", aside: "", hint: "exact" });
  assert.equal(spreadOf({ value: 0, low: 0, high: 0, isExact: false }), "");
});
test("best and worst are marked only where no interval reaches theirs", () => {
  const apart = reportOf([frames("a", 100, 90, 110), frames("b", 200, 190, 210), frames("c", 300, 280, 320)]);
  assert.deepEqual(marks(apart, "frame p99"), ["best", "", "worst"]);
  const touching = reportOf([frames("a", 100, 90, 190), frames("b", 200, 190, 210), frames("c", 300, 280, 320)]);
  assert.deepEqual(marks(touching, "frame p99"), ["", "", "worst"]);
  const noise = reportOf([frames("a", 100, 10, 400), frames("b", 200, 190, 210), frames("c", 300, 280, 320)]);
  assert.deepEqual(marks(noise, "frame p99"), ["", "", ""]);
  const exact = [100, 100, 200].map((value, i) => run(`s${i}`, [metric("mem.reserved_peak_bytes", value)]));
  assert.deepEqual(marks(reportOf(exact), "reserved"), ["best", "best", "worst"]);
});
test("the card names whom noise hides, and says the least by which the best is better", () => {
  const tie = card(reportOf([frames("vma", 100, 90, 190), frames("b", 200, 180, 210), frames("c", 300, 280, 320)]), FRAME_CARD);
  assert.ok(tie.isTie);
  assert.deepEqual([tie.text, tie.names, tie.note], ["no difference beyond noise", ["vma", "b"], "c: 300 ns"]);
  const clear = card(reportOf([frames("vma", 300, 280, 320), frames("b", 100, 90, 140)]), FRAME_CARD);
  assert.deepEqual(clear, { title: FRAME_CARD, names: ["b"],
    isTie: false, text: "100 ns", aside: "\u00b125 %", note: "at least 2.0 times less than vma (300 ns)" });
});
test("a percentile of too few samples is no percentile: their maximum stands for it", () => {
  const few = (name, p99, max) => measured(name, [time("time.create_buffer_ns.p50", 5, { low: 4, high: 6 }),
    time("time.create_buffer_ns.p99", p99, { low: p99, high: p99, n: 580, needs_n: 1000 }),
    time("time.create_buffer_ns.max", max, { low: max, high: max, n: 58 })]);
  const report = reportOf([few("a", 6730, 8650), few("b", 680_000, 700_000)]);
  assert.equal(column(report, "p99"), undefined);
  assert.deepEqual(column(report, "max of 58").cells.map(({ text, mark }) => [text, mark]), [["8.65 \u00b5s", "best"], ["700 \u00b5s", "worst"]]);
  const { text, aside, hint } = textsOf(reading(report.runs[0], "time.create_buffer_ns.p99"), format.ns);
  assert.deepEqual([text, aside], ["8.65 \u00b5s", "max of 58"]);
  assert.match(hint, /a percentile needs 1,000 samples, there are 580/);
  assert.equal(reading(report.runs[0], "time.create_buffer_ns.p99").isRanked, false);
  assert.equal(card(report, "Lowest p99 of the time to create a buffer"), undefined);
  assert.deepEqual(card(report, "Lowest maximum of the time to create a buffer").names, ["a"]);
  // Older reports do not say what a percentile needs. Under the model clock it is exact, and says of how many.
  const old = JSON.parse(JSON.stringify(report.raw.runs));
  for (const { metrics } of old) delete metrics[1].needs_n;
  assert.ok(column(reportOf(old), "max of 58"));
  const modelled = column(reportOf(old.map((each) => ({ ...each, clock: "model" }))), "p99").cells;
  assert.deepEqual(modelled.map(({ text, aside, mark }) => [text, aside, mark]), [["6.73 \u00b5s", "of 580", "best"], ["680 \u00b5s", "of 580", "worst"]]);
});
test("what was measured once is not ranked, and the report says why", () => {
  const report = reportOf([1, 2].map((value) => measured(`s${value}`, [time(FRAME, value), time("time.frame_ns.p50", value)], { rounds: 1 })));
  assert.deepEqual(marks(report, "frame p99"), ["", ""]);
  assert.match(column(report, "frame p99").cells[0].hint, /of 1 round: the noise is not known/);
  assert.deepEqual(winners(report), []);
  assert.ok(findings(report).some(({ text }) => /Measured in 1 round.*nobody is ranked/.test(text)));
});
test("the clock of a simulated device ranks nobody by the allocator's own work", () => {
  const runs = [frames("a", 100, 90, 110), frames("b", 200, 190, 210)];
  runs.forEach(({ metrics }, i) => metrics.push(metric("mem.reserved_peak_bytes", i + 1)));
  const old = reportOf(runs, { device: { name: "d", simulated: true } });
  assert.ok(old.isStubTimed);
  const warnings = [{ code: "wall_clock_simulated", text: "only the allocator's own work is timed" }];
  const said = reportOf(runs, { quality: { warnings, truncations: ["snapshots"] } });
  for (const report of [old, said]) {
    assert.deepEqual(marks(report, "frame p99"), ["", ""]);
    assert.deepEqual(marks(report, "reserved"), ["best", "worst"]);
    assert.deepEqual(winners(report).map(({ title }) => title), ["Lowest peak reserved memory"]);
    const [first, ...others] = findings(report);
    assert.equal(first.level, "warning");
    assert.match(first.text, /only the allocator.s own work is timed/i);
    assert.ok(!others.some(({ text }) => /own work is timed/i.test(text)), "said once");
  }
  assert.ok(findings(said).some(({ text }) => text === "Cut short: snapshots."));
});
test("a strategy out of time says how far it came and is not ranked", () => {
  const report = reportOf([frames("a", 100, 90, 110), frames("b", 200, 190, 210), frames("slow", 1, 1, 1, { status: "timeout", events_done: 1234 })],
      { scenario: { name: "s", event_count: 40_000 } });
  assert.deepEqual(marks(report, "frame p99"), ["best", "worst", ""]);
  assert.match(findings(report)[0].text, /Not run to the end, and so not ranked: slow \(timeout after 1,234 of 40,000 events, 3 %\)/);
});
test("invalid Vulkan calls are a problem", () => {
  const events = [{ kind: "invalid_call", frame: 3, text: "vkAllocateMemory of more than heap 0" }];
  const report = reportOf([run("a", [metric("api.invalid_calls", 2)], { events }), run("b", [metric("api.invalid_calls", 0)])]);
  assert.deepEqual(findings(report)[0], { level: "problem", text: "a made 2 invalid Vulkan calls, first in frame 3: vkAllocateMemory of more than heap 0." });
});
test("who refused more than another competes only in that", () => {
  const of = (name, bytes, failed) => run(name, [metric("mem.reserved_peak_bytes", bytes, { unit: "bytes" }), metric("alloc.failed_count", failed)]);
  const report = reportOf([of("small", 100, 12), of("a", 200, 0), of("b", 300, 0)]);
  assert.deepEqual(marks(report, "reserved"), ["", "best", "worst"]);
  assert.deepEqual(marks(report, "failed"), ["worst", "best", "best"]);
});
test("a value that leaves something out is marked, and ranks only among its like", () => {
  const live = (value, note) => metric("mem.reserved_over_live_ratio", value, { unit: "ratio", ...(note ? { note } : {}) });
  const mixed = reportOf([run("a", [live(1.0, "3 evicted objects are left out")]), run("b", [live(1.2)]), run("c", [live(1.5)])]);
  const { cells } = column(mixed, "/ live");
  assert.equal(cells[0].text, "1.00*");
  assert.match(cells[0].hint, /3 evicted objects are left out/);
  assert.deepEqual(cells.map(({ mark }) => mark), ["", "best", "worst"]);
  const alike = reportOf([1.1, 1.3].map((value, i) => run(`s${i}`, [live(value, "1 of 153 images is left out")])));
  assert.deepEqual(marks(alike, "/ live"), ["best", "worst"]);
});
