// What the page says of figures that are noise, of strategies that did not end, and of which strategy to take.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { pageOf, sample, screenshot, setUp } from "./fixture.mjs";

const tests = setUp();
const text = (tab, selector) => tab.value(`document.querySelector(${JSON.stringify(selector)}).innerText`);

// A page of a sample that `change` has edited.
async function open(name, of, change, options) {
  const report = JSON.parse(readFileSync(sample(of), "utf8"));
  change(report);
  const file = join(tests.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(report));
  return tests.browser.open(pageOf(tests.folder, `${name}.html`, file), options);
}
// Ten rounds, and intervals of this half width around each time.
function measure(report, share) {
  for (const run of report.runs) {
    run.rounds = 10;
    for (const metric of run.metrics) {
      if (metric.class !== "noisy" || metric.value === null) continue;
      metric.low = metric.value * (1 - share);
      metric.high = metric.value * (1 + share);
    }
  }
}
const adviceOf = (front) => ({
  base: "vma", beaten: [{ strategy: "vma-min-time", by: "vma" }, { strategy: "core-pools", why: "it refused 3 requests" }],
  questions: ["What is memory worth to you?"],
  front: front.map((strategy) => ({ strategy, alike: [], text: `what ${strategy} gives`, reserved_bytes: 1, driver_ns: 1 })),
});

test("times stand with their intervals, and noise wins nothing", async () => {
  const tab = await open("noisy", "nvidia-h100-churn", (report) => measure(report, 0.9));
  const times = await tab.value("[...document.querySelectorAll('.strategies tbody tr:nth-child(3) .aside')].map((e) => e.textContent)");
  assert.equal(times.filter((aside) => aside === "\u00b190 %").length, 4, `${times}`);
  assert.match(await text(tab, "#summary .cards"), /Lowest p99 of the allocator work in a frame\s+no difference beyond noise: /);
  assert.match(await text(tab, ".head"), /10 rounds/);
  await tab.screenshot(screenshot("noisy.png"));
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("times of a simulated device by the wall clock are headed as what they are", async () => {
  const tab = await open("stubs", "history/01", (report) => {
    measure(report, 0.01);
    const fast = structuredClone(report.runs[0]);
    fast.strategy.name = "fast";
    for (const metric of fast.metrics) for (const key of ["value", "low", "high"]) if (metric.unit === "ns" && metric[key] > 0) metric[key] /= 9;
    report.runs.push(fast);
    report.quality.warnings.push({ code: "wall_clock_simulated", text: "only the allocator's own work is timed" });
    report.quality.truncations.push("events after the first 100");
  });
  assert.match(await text(tab, ".strategies .over"), /only the allocator.s own work is timed/);
  assert.equal(await tab.value("document.querySelectorAll('.strategies :is(.best, .worst)').length"), 0);
  assert.doesNotMatch(await text(tab, "#summary"), /Lowest p99/);
  assert.match(await text(tab, "#summary"), /Cut short: events after the first 100/);
  assert.match(await text(tab, "#latency"), /only the allocator.s own work is timed/);
  await tab.close();
});

test("a strategy out of time says how far it came, and marked values what they leave out", async () => {
  const tab = await open("timeout", "nvidia-h100-churn", (report) => {
    measure(report, 0.01);
    const [, dedicated, vma] = report.runs;
    Object.assign(dedicated, { status: "timeout", events_done: 4079 });
    vma.metrics.find(({ id }) => id === "mem.reserved_over_live_ratio").note = "1 of 153 images is left out";
    vma.metrics.find(({ id }) => id === "api.invalid_calls").value = 2;
  });
  const row = await text(tab, ".strategies tbody tr:nth-child(2)");
  assert.match(row, /timeout after 4,079 of 40,794 events, 9 %/);
  assert.equal(await tab.value("document.querySelectorAll('.strategies tbody tr:nth-child(2) :is(.best, .worst)').length"), 0);
  assert.match(await text(tab, "#summary"), /vma made 2 invalid Vulkan calls/);
  assert.match(await text(tab, "#health"), /Invalid Vulkan calls\s+strategy\s+calls\s+vma\s+2/);
  assert.match(await text(tab, "#strategies"), /\d\.\d\d\*/);
  assert.match(await text(tab, "#strategies"), /\* vma, \/ live: 1 of 153 images is left out/);
  await tab.screenshot(screenshot("timeout.png"));
  await tab.close();
});

test("which strategy to take is said, asked, and drawn with every name readable", async () => {
  const front = ["dedicated", "core-memory", "core-default", "vma"];
  let strategies = 0;
  const advise = (report) => {
    measure(report, 0.05);
    report.advice = adviceOf(front);
    strategies = report.runs.filter(({ strategy }) => strategy.name !== "null").length;
  };
  const tab = await open("advice", "nvidia-h100-churn", advise);
  const said = await text(tab, "#choice");
  const sentences = front.map((strategy) => `what ${strategy} gives`);
  for (const wanted of [...sentences, "What is memory worth to you?", "vma-min-time by vma", "core-pools (it refused 3 requests)"]) {
    assert.ok(said.includes(wanted), `${wanted} in ${said}`);
  }
  assert.equal(await tab.value("document.querySelectorAll('.scatter .strong circle').length"), front.length);
  assert.equal(await tab.value("document.querySelectorAll('.scatter .faint circle').length"), strategies - front.length);
  for (const width of [1400, 400]) {
    await tab.resize(width, 900);
    await tab.settle();
    const drawn = await tab.value(`(() => { const inside = document.querySelector(".scatter svg").getBoundingClientRect();
      const boxes = [...document.querySelectorAll(".scatter g text")].map((e) => [e.textContent, e.getBoundingClientRect()]);
      return boxes.map(([text, b]) => ({ text, left: b.left, right: b.right, top: b.top, bottom: b.bottom,
        isIn: b.left >= inside.left && b.right <= inside.right })); })()`);
    assert.equal(drawn.length, strategies);
    for (const [i, a] of drawn.entries()) {
      assert.ok(a.isIn, `${a.text} is cut at ${width}`);
      for (const b of drawn.slice(i + 1)) {
        const isApart = a.right <= b.left + 3 || b.right <= a.left + 3 || a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
        assert.ok(isApart, `${a.text} over ${b.text} at ${width}`);
      }
    }
    assert.ok(await tab.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
    await tab.screenshot(screenshot(`advice-${width}.png`));
  }
  await tab.colors("dark");
  await tab.settle();
  await tab.screenshot(screenshot("advice-dark.png"));
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});
