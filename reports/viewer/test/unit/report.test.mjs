import assert from "node:assert/strict";
import { test } from "node:test";

import { tableColumns } from "../../src/columns.js";
import { findings, winners } from "../../src/findings.js";
import { categoryTree } from "../../src/host_memory.js";
import { timesOf, titleOf } from "../../src/operations.js";
import { readReport } from "../../src/report.js";
import { firstChoice, MOST_SHOWN, Selection } from "../../src/selection.js";
import { metric, reportOf, run } from "./fixture.mjs";

test("what is no report is refused in words", () => {
  for (const [text, says] of [
    ["", /not JSON/],
    ['{"schema": "vkmem', /cut short/],
    ["[]", /not a report/],
    ["null", /not a report/],
    ["{}", /not a report/],
    ['{"schema": "vkmembench.scenario/1"}', /vkmembench.scenario\/1/],
    ['{"schema": "vkmembench.report/2"}', /vkmembench.report\/2.*reads vkmembench.report\/1/],
    ['{"schema": "vkmembench.report/10"}', /report\/10/],
  ]) {
    assert.throws(() => readReport(text, "x.json"), says);
    assert.throws(() => readReport(text, "x.json"), /^Error: x.json: /);
  }
});
test("a report with nothing in it answers every question", () => {
  const report = readReport('{"schema": "vkmembench.report/1", "runs": [null, 7, {"metrics": [null], "histograms": 3, "series": []}]}', "x");
  assert.equal(report.runs.length, 3);
  for (const each of report.runs) {
    assert.equal(each.value("mem.reserved_peak_bytes"), null);
    assert.deepEqual(each.scopes("time.by_cause_ns.n"), []);
    assert.deepEqual(each.column("x"), []);
    assert.equal(each.histogram("x"), undefined);
  }
  assert.ok(findings(report).length > 0);
  assert.deepEqual(winners(report), []);
});
test("a byte order mark before a report is no part of it", () => {
  assert.equal(readReport('\ufeff{"schema": "vkmembench.report/1", "scenario": {"name": "s"}}', "x").scenarioName, "s");
});
test("text that turns the direction of writing is kept apart", () => {
  const report = reportOf([run("a\u202eb\u2069c", [metric("alloc.failed_count", 3)]), run("plain", [])], {
    scenario: { name: "\u05d0" },
    device: { name: "d" },
  });
  assert.equal(report.runs[0].name, "\u2068a\u202ebc\u2069");
  assert.equal(report.runs[1].name, "plain");
  assert.equal(report.scenarioName, "\u2068\u05d0\u2069");
  assert.ok(findings(report)[0].text.startsWith("\u2068a\u202ebc\u2069 refused 3 requests"));
});
test("CPU memory is a tree by category, whatever the order and however damaged", () => {
  const row = (category, peak_bytes) => ({ category, peak_bytes, live_bytes: 1 });
  const categories = [row("(all)", 90), row("metadata", 50), row("driver", 10), row("strategy", 40), row("trace", 60),
    row("trace::B", 20), row("trace::A::B", 15), row("trace::A", 30), row("strategy::object::make", 40)];
  const { hostMemory } = reportOf([run("a", [], { host_memory: { categories } })]).runs[0];
  const shown = (most) => categoryTree(hostMemory.categories, most).map(({ name, depth }) => `${depth} ${name}`);
  assert.deepEqual(shown(), ["0 trace", "1 A", "2 B", "1 B", "0 metadata", "1 strategy", "2 object::make", "1 driver"]);
  assert.deepEqual(shown(3), ["0 trace", "0 metadata", "1 strategy"]);
  assert.deepEqual(
    reportOf([
      run("a", [], { host_memory: { categories: [null, 7, row("x", "many"), row("x", 1)], places: {} } }),
    ]).runs[0].hostMemory.categories.map((each) => each.peak),
    [0, 0, 0, 1],
  );
  assert.equal(categoryTree([row("x", 1), row("x", 2), row("x::y", 1)].map((each) => ({ category: each.category, peak: each.peak_bytes }))).length, 3);
  assert.equal(reportOf([run("a", [])]).runs[0].hostMemory, null);
});
test("totals and scopes are told apart, and repeats get a number", () => {
  const report = reportOf([run("vma", [metric("m", 1, { scope: { heap: "0" } }), metric("m", 5)]), run("vma", [])]);
  assert.equal(report.runs[0].value("m"), 5);
  assert.deepEqual(report.runs[0].scopes("m"), [["0", 1]]);
  assert.deepEqual(report.runs.map((each) => each.name), ["vma", "vma (2)"]);
});
test("a column that equals last is left out of the file", () => {
  const report = reportOf([run("vma", [], { series: { frame: [1, 2], columns: { a: { last: [3, null], max: [4, 4] } } } })]);
  assert.deepEqual(report.runs[0].column("a", "max"), [4, 4]);
  assert.deepEqual(report.runs[0].column("a", "min"), [3, null]);
});
test("every time of a report is shown, a new one by the words of its name", () => {
  const histograms = (...ids) => ({ histograms: ids.map((id) => ({ id })) });
  const report = reportOf([run("a", [], histograms("time.batch_ns", "alloc.size_bytes")), run("b", [], histograms("time.batch_ns", "time.page_in_ns"))]);
  assert.deepEqual(timesOf(report), ["time.batch_ns", "time.page_in_ns"]);
  assert.deepEqual(timesOf(report).map(titleOf), ["time of a batch", "page in"]);
});
test("best and worst leave out the floor, the unfinished and what shows the same", () => {
  const reserved = (value) => [metric("mem.reserved_peak_bytes", value)];
  const [column] = tableColumns(
    reportOf([
      run("null", reserved(0)),
      run("a", reserved(100)),
      run("b", reserved(200)),
      run("c", reserved(100)),
      run("d", reserved(1), { status: "timeout" }),
      run("e", []),
    ]).runs,
  );
  assert.deepEqual(column.cells.map((cell) => cell.mark), ["", "best", "worst", "best", "", ""]);
  assert.equal(column.cells[5].text, "n/a");
  assert.match(column.cells[5].hint, /not measured/);
  const [same] = tableColumns(reportOf([run("a", reserved(2 ** 30)), run("b", reserved(2 ** 30 + 1))]).runs);
  assert.deepEqual(same.cells.map((cell) => cell.mark), ["", ""]);
});
test("findings: the worst first, and the good only when nothing is wrong", () => {
  const bad = findings(reportOf([
    run("a", [metric("alloc.failed_count", 3), metric("leak.count", 0)], { events: [{ kind: "refusal", frame: 4, text: "too big" }] }),
    run("b", [metric("leak.count", 2), metric("leak.bytes", 2048)], { checks: { violations: ["overlap"] } }),
  ]));
  assert.deepEqual(bad.map((finding) => finding.level), ["problem", "problem", "warning", "note"]);
  assert.match(bad[1].text, /b leaks device memory: 2 allocations, 2.00 KiB/);
  assert.match(bad[2].text, /a refused 3 requests, first in frame 4: too big/);
  const kept = [metric("leak.count", 0), metric("alloc.failed_count", 0), metric("budget.over_frames_count", 0)];
  assert.deepEqual(findings(reportOf([run("a", kept)])),
      [{ level: "good", text: "Every strategy ran to its end, refused nothing, kept the budget and leaked nothing." }]);
});
test("what was not measured is not said to be good", () => {
  const none = findings(reportOf([run("a", [metric("leak.count", null), metric("alloc.failed_count", null)]), run("b", [])]));
  assert.deepEqual(none, [{ level: "good", text: "Every strategy ran to its end." },
    { level: "note", text: "Not known of a, b: whether it refused requests, it kept the budget or it leaked." }]);
  const some = findings(reportOf([run("a", [metric("leak.count", 0), metric("budget.over_frames_count", 0)])]));
  assert.deepEqual(some, [{ level: "good", text: "Every strategy ran to its end, kept the budget and leaked nothing." },
    { level: "note", text: "Not known of a: whether it refused requests." }]);
});
test("who refused requests wins nothing", () => {
  const memory = (value, failed) => [metric("mem.reserved_peak_bytes", value), metric("alloc.failed_count", failed)];
  const [card] = winners(reportOf([run("null", memory(0, 0)), run("cheat", memory(1, 9)), run("vma", memory(200, 0)), run("core", memory(100, 0))]));
  assert.deepEqual(card.names, ["core"]);
  assert.equal(card.note, "2.0 times less than vma (200 B)");
});
test("the selection is bounded and keeps slots", () => {
  const { runs } = reportOf(Array.from({ length: 40 }, (_, i) => run(i === 30 ? "vma" : `s${i}`, [])));
  assert.ok(firstChoice(runs).includes(30));
  const selection = new Selection(runs);
  for (let i = 0; i < 40; ++i) if (!selection.has(i)) selection.toggle(i);
  assert.equal(selection.shown(runs).length, MOST_SHOWN);
  const slot = selection.slotOf(30);
  const first = selection.shown(runs).find((each) => each.index !== 30).index;
  selection.toggle(first);
  assert.equal(selection.slotOf(30), slot);
  selection.toggle(39);
  assert.equal(selection.shown(runs).length, MOST_SHOWN);
});
