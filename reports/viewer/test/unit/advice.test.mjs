import assert from "node:assert/strict";
import { test } from "node:test";

import { pointsOf } from "../../src/advice.js";
import { placeLabels } from "../../src/labels.js";
import { scaleOf } from "../../src/scale.js";
import { measured, metric, reportOf, run, time } from "./fixture.mjs";

const of = (name, reserved, driver, more) => run(name, [metric("mem.reserved_peak_bytes", reserved), time("time.driver_ns", driver)], more);
const chosen = (strategy, alike = []) => ({ strategy, alike, text: "t", reserved_bytes: 1, driver_ns: 1 });

test("all strategies are points, and a line connects those that give time for memory", () => {
  const runs = [of("null", 0, 0), of("tight", 100, 900), of("vma", 700, 70), of("beaten", 800, 800), of("calm", 600, 950), of("default", 500, 140),
    of("arenas", 500, 140), of("slow", 1, 1, { status: "timeout" })];
  const front = [chosen("tight"), chosen("default", ["arenas"]), chosen("calm"), chosen("vma")];
  const advice = { base: "vma", front, beaten: [{ strategy: "beaten", by: "vma" }], questions: ["?"] };
  const { points, line } = pointsOf(reportOf(runs, { advice }));
  assert.deepEqual(points.map(({ label, isFaint }) => [label, isFaint]),
      [["tight", false], ["vma", false], ["beaten", true], ["calm", false], ["default, arenas", false]]);
  assert.deepEqual(line.map(({ label }) => label), ["vma", "default, arenas", "tight"]);
  assert.equal(points[1].title, "vma: 700 B reserved, 70 ns in the driver");
});
test("a noisy time is a point with its interval", () => {
  const noisy = measured("vma", [metric("mem.reserved_peak_bytes", 1), time("time.driver_ns", 100, { low: 90, high: 120 })]);
  const [point] = pointsOf(reportOf([noisy], { advice: { front: [chosen("vma")], beaten: [], questions: [] } })).points;
  assert.deepEqual([point.low, point.high, point.title], [90, 120, "vma: 1 B reserved, 100 ns \u00b115 % in the driver"]);
});
test("a report without advice, or with a damaged one, has none or what is left of it", () => {
  for (const advice of [undefined, null, 7, [], { front: [] }, { front: 3, beaten: {} }]) assert.equal(reportOf([], { advice }).advice, null);
  const beaten = [{ strategy: "b", why: "it refused 3 requests" }];
  const left = reportOf([], { advice: { front: [null, { strategy: "a", alike: 7 }], beaten, questions: null } }).advice;
  assert.deepEqual(left.front.map(({ strategy, alike, reserved }) => [strategy, alike, reserved]), [["", [], null], ["a", [], null]]);
  assert.deepEqual([left.beaten, left.questions], [[{ strategy: "b", by: "", why: "it refused 3 requests" }], []]);
});
test("axes are logarithmic over a wide range, and have few round ticks", () => {
  const wide = scaleOf([70, 3200]);
  assert.ok(wide.isLog);
  assert.deepEqual(wide.ticks, [100, 200, 500, 1000, 2000]);
  assert.ok(wide.at(70) > 0 && wide.at(3200) < 1 && Math.abs(wide.at(Math.sqrt(70 * 3200)) - 0.5) < 1e-9);
  const bytes = scaleOf([454 * 2 ** 20, 704 * 2 ** 20], { binary: true });
  assert.ok(!bytes.isLog);
  assert.ok(bytes.ticks.every((tick) => tick % 2 ** 26 === 0) && bytes.ticks.length >= 3);
  for (const values of [[5], [0, 0], [0, 3], [1, 1e15], [1e-3, 2e-3], [3, 3]]) {
    for (const binary of [false, true]) {
      const { at, ticks } = scaleOf(values, { binary });
      assert.ok(values.every((value) => at(value) >= 0 && at(value) <= 1), `${values}`);
      assert.ok(ticks.length <= 9 && ticks.every((tick) => at(tick) >= -1e-9 && at(tick) <= 1 + 1e-9), `${values}: ${ticks}`);
    }
  }
});
test("names cover neither each other nor a point, where there is room", () => {
  const points = [[100, 100], [104, 101], [110, 99], [300, 200], [590, 20]].map(([x, y]) => ({ x, y, radius: 6, width: 80 }));
  const bounds = { left: 0, right: 600, top: 0, bottom: 400 };
  const boxes = placeLabels(points, bounds);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  boxes.forEach((a, i) => {
    assert.ok(a.left >= 0 && a.right <= 600 && a.top >= 0 && a.bottom <= 400, JSON.stringify(a));
    for (const b of boxes.slice(i + 1)) assert.ok(apart(a, b));
    for (const { x, y } of points) assert.ok(apart(a, { left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  });
  assert.equal(boxes[3].isFar, false);
});
