// Reports whose strings would like to be markup, and a report of ten thousand runs.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { pageOf, sample, screenshot, setUp } from "./fixture.mjs";

const tests = setUp();
const EVIL =
  "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=2'><!--<script>\u2028\u2029\u202e\u0000'\"&lt;`${window.pwned=3}{{7*7}}javascript:";
const ODD = [
  EVIL,
  "",
  " ",
  "\ud800",
  "\ud83d\ude80".repeat(50),
  "x".repeat(5000),
  "__proto__",
  "constructor",
  "toString",
  "a\nb\tc",
  "\u05d0\u05d1\u202e",
  "null",
];

// Every string of a report replaced, but those that the page goes by.
const KEPT = new Set(["schema", "id", "unit", "class", "better", "status", "clock", "replay", "flags"]);
function poisonReport(value, text, key = "") {
  if (typeof value === "string") return KEPT.has(key) ? value : text;
  if (Array.isArray(value)) return value.map((each) => (KEPT.has(key) ? each : poisonReport(each, text)));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, each]) => [k, poisonReport(each, text, k)]));
  return value;
}

test("nothing that a report says is taken for markup", async () => {
  const report = JSON.parse(readFileSync(sample("nvidia-h100-scene_switch"), "utf8"));
  const evil = poisonReport(report, EVIL);
  evil.runs.forEach((run, i) => {
    run.leaks = [{ id: EVIL, tag: EVIL, kind: EVIL, bytes: 1, created_frame: 0 }];
    run.strategy.parameters = { [EVIL]: EVIL };
    run.strategy.name = EVIL + i;
  });
  evil.advice = {
    base: EVIL, front: evil.runs.slice(1, 4).map(({ strategy }) => ({ strategy: strategy.name, alike: [EVIL], text: EVIL, reserved_bytes: 1, driver_ns: 1 })),
    beaten: [{ strategy: EVIL, by: EVIL }, { strategy: EVIL, why: EVIL }], questions: [EVIL],
  };
  const file = join(tests.folder, "evil.json");
  writeFileSync(file, JSON.stringify(evil));
  evil.tool.version += EVIL;
  const again = join(tests.folder, "evil <img src=x onerror=window.pwned=4>.json");
  writeFileSync(again, JSON.stringify(evil));
  const tab = await tests.browser.open(pageOf(tests.folder, "evil \"<b>.html", file, again));
  await tab.value("for (const details of document.querySelectorAll('details')) details.open = true");
  await tab.settle();
  assert.equal(await tab.value("window.pwned"), undefined);
  assert.equal(await tab.value("document.querySelectorAll('img, iframe, object, link').length"), 0);
  assert.equal(await tab.value("document.querySelectorAll('script').length"), 4);  // two reports, the metrics, the code
  assert.ok((await tab.value("document.querySelectorAll('#choice circle').length")) > 3);
  assert.ok(await tab.value("document.querySelector('#reports table') !== null"));
  assert.ok((await tab.value("document.querySelector('h1').textContent")).includes("</script><script>"));
  assert.ok((await tab.value("document.querySelectorAll('canvas').length")) >= 6);
  assert.ok(await tab.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
  await tab.screenshot(screenshot("hostile.png"));
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("a name that turns the direction of writing turns nothing after it", async () => {
  const report = JSON.parse(readFileSync(sample("nvidia-h100-scene_switch"), "utf8"));
  report.quality.warnings = [];  // the refusals come first
  report.runs.forEach((run, i) => {
    run.strategy.name = `a\u202e\u2069${i}`;
    run.metrics.filter(({ id }) => id === "alloc.failed_count").forEach((metric) => { metric.value = 3; });
    run.host_memory = { categories: [{ category: "\u202ex::y", live_bytes: 1024 }], places: [], leaks: [], driver_scopes: [] };
  });
  report.scenario.name = "s\u202e";
  const file = join(tests.folder, "turned.json");
  writeFileSync(file, JSON.stringify(report));
  const tab = await tests.browser.open(pageOf(tests.folder, "turned.html", file));
  // Where the words of the first finding and of the heading are drawn.
  const lefts = (selector, ...words) => tab.value(`(() => {
    const walker = document.createTreeWalker(document.querySelector(${JSON.stringify(selector)}), NodeFilter.SHOW_TEXT);
    const found = [];
    for (const word of ${JSON.stringify(words)}) {
      for (let node = walker.currentNode; node; node = walker.nextNode()) {
        const at = node.nodeType === 3 ? node.data.indexOf(word) : -1;
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at); range.setEnd(node, at + word.length);
        found.push(range.getBoundingClientRect().left);
        break;
      }
    }
    return found; })()`);
  for (const [selector, ...words] of [[".finding.warning", "refused", "3", "requests"], ["#details .prose tbody td", "seed", "frames", "trace"]]) {
    const at = await lefts(selector, ...words);
    assert.equal(at.length, words.length);
    assert.deepEqual(at, [...at].sort((a, b) => a - b), `${selector}: ${at}`);
  }
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("ten thousand runs of odd names open and can be searched", async (t) => {
  const report = JSON.parse(readFileSync(sample("nvidia-h100-terrain_lod"), "utf8"));
  const [, run] = report.runs;
  const whole = report.runs.slice(1);
  report.runs = Array.from({ length: 10_000 }, (_, i) => {
    const base = i < whole.length ? whole[i] : { ...run, metrics: run.metrics.slice(0, 12), histograms: [], snapshots: [], series: { frame: [], columns: {} } };
    return { ...base, strategy: { name: `${ODD[i % ODD.length]}${i % 5 ? i : ""}`, parameters: {} } };
  });
  const file = join(tests.folder, "many.json");
  writeFileSync(file, JSON.stringify(report).replaceAll("\\ud800", "\ufffd"));
  const tab = await tests.browser.open(pageOf(tests.folder, "many.html", file));
  t.diagnostic(`interactive ${await tab.value("document.documentElement.dataset.ready")} ms after the navigation`);
  await tab.settle();
  assert.equal(await tab.value("window.pwned"), undefined);
  assert.ok(await tab.value("document.querySelectorAll('*').length") < 20_000, "the page stays small");
  assert.equal(await tab.value("document.querySelectorAll('.strategies tbody tr').length"), 100);
  await tab.value(
    `(() => { const input = document.querySelector('#strategies input[type=search]'); input.value = 'proto__9978';
      input.dispatchEvent(new Event('input')); })()`,
  );
  assert.equal(await tab.value("document.querySelectorAll('.strategies tbody tr').length"), 1);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});
