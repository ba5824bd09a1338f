import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, differenceText, fileNames, runOf, sameDevice, whatDiffers } from "../../src/compare.js";
import * as format from "../../src/format.js";
import { measured, metric, reportOf, time } from "./fixture.mjs";

const RESERVED = "mem.reserved_peak_bytes";
const FRAME = "time.frame_ns.p99";
const of = (reserved, frame, spread, more = {}) => reportOf([measured("vma", [
  metric(RESERVED, reserved), time(FRAME, frame, spread === null ? {} : { low: frame - spread, high: frame + spread }),
  metric("throughput.ops_per_s", frame, { unit: "per_s", better: "higher" }),
])], { scenario: { name: "s", trace_hash: "t" }, ...more });
const side = (report, id) => ({ report, run: runOf(report, "vma"), metric: runOf(report, "vma").metric(id) });
const between = (a, b, id) => difference(side(a, id), side(b, id));
const said = (a, b, id, show) => Object.values(differenceText(between(a, b, id), show, id !== FRAME)).join("; ");

test("an exact figure differs plainly, a noisy one by whether the intervals overlap", () => {
  const before = of(100, 200, 20);
  assert.equal(said(before, of(130, 215, 20), RESERVED, format.bytes), "+30 B (+30.0 %); ");
  assert.equal(said(before, of(100, 215, 20), RESERVED, format.bytes), "same; ");
  assert.equal(said(before, of(100, 215, 20), FRAME, format.ns), "+15 ns (+7.5 %); within noise");
  assert.equal(said(before, of(100, 150, 20), FRAME, format.ns), "\u221250 ns (\u221225.0 %); beyond noise");
  assert.equal(said(before, of(100, 150, null), FRAME, format.ns), "\u221250 ns (\u221225.0 %); noise not known");
});
test("better and worse are said only of what is no noise", () => {
  const before = of(100, 200, 20);
  assert.equal(between(before, of(130, 215, 20), RESERVED).isBetter, false);
  assert.equal(between(before, of(70, 215, 20), RESERVED).isBetter, true);
  assert.equal(between(before, of(70, 215, 20), FRAME).isBetter, null);
  assert.equal(between(before, of(70, 150, 20), FRAME).isBetter, true);
  assert.equal(between(of(1, 200, 0), of(1, 300, 0), "throughput.ops_per_s").isBetter, true);
});
test("what means different things is not compared, and says why", () => {
  const before = of(100, 200, 20);
  const why = (other, id) => between(before, other, id).why;
  assert.equal(why(of(130, 215, 20, { scenario: { name: "s", trace_hash: "u" } }), RESERVED), "the traces differ");
  assert.equal(why(of(130, 215, 20, { device: { name: "d", requirements_hash: "h" } }), RESERVED), "the device answers otherwise");
  const modelled = of(130, 215, 20);
  modelled.runs[0].clock = "model";
  assert.equal(why(modelled, FRAME), "the clocks differ");
  assert.equal(why(modelled, RESERVED), "");
  const late = of(130, 215, 20);
  late.runs[0].status = "timeout";
  assert.equal(why(late, RESERVED), "one did not run to its end");
  assert.equal(difference(side(before, "x"), side(before, RESERVED)).why, "not in the base");
});
test("files are named without the folders that they share", () => {
  const named = (...files) => fileNames(files.map((file) => ({ file })));
  assert.deepEqual(named("out/a/churn.json", "out/b/churn.json"), ["a/churn.json", "b/churn.json"]);
  assert.deepEqual(named("churn.json", "churn.json"), ["churn.json", "churn.json (2)"]);
  assert.deepEqual(named("/x/before.json", "/x/after.json"), ["before.json", "after.json"]);
  assert.deepEqual(named("/x/before.json"), ["before.json"]);
});
test("reports of one scenario and device are together, and only what differs is listed", () => {
  const [a, b, other] = [of(1, 1, 0), of(2, 2, 0, { tool: { git_sha: "b" } }), of(1, 1, 0, { device: { name: "e" } })];
  a.runs[0].parameters = { blocks: 1, kept: 2 };
  b.runs[0].parameters = { blocks: 1, kept: 3 };
  assert.deepEqual(sameDevice([a, b, other], b), [a, b]);
  assert.deepEqual(whatDiffers([a, b]), [["tool", "", "b"], ["vma: kept", "2", "3"]]);
});
