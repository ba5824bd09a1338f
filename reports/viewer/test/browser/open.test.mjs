// Reports that people drop on the page.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { pageOf, sample, screenshot, setUp } from "./fixture.mjs";

const tests = setUp();
const title = (tab) => tab.value("document.querySelector('h1').textContent");
const alerts = (tab) => tab.value("[...document.querySelectorAll('[role=alert] p')].map((e) => e.textContent)");

test("a dropped report is shown beside the first", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "page.html", sample("nvidia-h100-churn")));
  assert.match(await title(tab), /^churn on /);
  await tab.drop([sample("nvidia-h100-terrain_lod"), sample("nvidia-h100-scene_loading")]);
  await tab.until("document.querySelectorAll('.bar select option').length === 3");
  assert.match(await title(tab), /^terrain_lod on /);
  assert.ok((await tab.value("document.querySelectorAll('canvas').length")) >= 6);
  assert.deepEqual(await alerts(tab), []);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("the file picker opens reports too", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "page.html", sample("nvidia-h100-churn")));
  const { root } = await tab.send("DOM.getDocument");
  const { nodeId } = await tab.send("DOM.querySelector", { nodeId: root.nodeId, selector: "input[type=file]" });
  await tab.send("DOM.setFileInputFiles", { nodeId, files: [sample("nvidia-h100-scene_switch")] });
  await tab.until("document.querySelector('h1').textContent.startsWith('scene_switch on ')");
  await tab.close();
});

test("what is no report is named, and the page stays", async () => {
  const whole = readFileSync(sample("nvidia-h100-churn"), "utf8");
  const files = Object.entries({
    "cut.json": whole.slice(0, 1000), "empty.json": "", "other.json": '{"schema": "vkmembench.scenario/1"}', "newer.json": '{"schema": "vkmembench.report/2"}',
    "bare.json": '{"schema": "vkmembench.report/1"}',
  }).map(([name, text]) => {
    writeFileSync(join(tests.folder, name), text);
    return join(tests.folder, name);
  });
  const tab = await tests.browser.open(pageOf(tests.folder, "page.html", sample("nvidia-h100-churn")));
  await tab.drop(files.slice(0, 4));
  await tab.until("document.querySelectorAll('[role=alert] p').length === 4");
  const said = await alerts(tab);
  for (const [i, pattern] of [
    /^cut.json: not JSON, or cut short/,
    /^empty.json: not JSON/,
    /^other.json: not a report but vkmembench.scenario\/1/,
    /^newer.json: is a vkmembench.report\/2/,
  ].entries())
    assert.match(said[i], pattern);
  assert.match(await title(tab), /^churn on /);
  await tab.screenshot(screenshot("problems.png"));
  // A report with nothing in it is shown as what it is.
  await tab.drop(files.slice(4));
  await tab.until("document.querySelector('h1').textContent.includes('(no name)')");
  assert.deepEqual(await alerts(tab), []);
  assert.match(await tab.value("document.querySelector('#summary').innerText"), /No strategy has run/);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("damage within a report is said where it is, and the rest is shown", async () => {
  const report = JSON.parse(readFileSync(sample("nvidia-h100-churn"), "utf8"));
  mkdirSync(join(tests.folder, "damaged"));
  const damages = [
    (r) => { r.runs[1].snapshots = [{}]; }, (r) => { r.runs[2].series.columns = []; }, (r) => { r.runs[3].histograms[0].bins = 7; },
    (r) => { r.device = null; }, (r) => { r.runs[4].metrics = { a: 1 }; }, (r) => { r.runs[5] = null; },
    (r) => { r.runs[2].snapshots[0].blocks[0].spans = [null, [1]]; }, (r) => { r.quality = "x"; r.scenario = []; },
  ];
  for (const [i, damage] of damages.entries()) {
    const copy = structuredClone(report);
    damage(copy);
    const file = join(tests.folder, "damaged", `${i}.json`);
    writeFileSync(file, JSON.stringify(copy));
  }
  const tab = await tests.browser.open(pageOf(tests.folder, "page.html", sample("nvidia-h100-churn")));
  for (const i of damages.keys()) {
    await tab.drop([join(tests.folder, "damaged", `${i}.json`)]);
    await tab.until(`document.querySelectorAll('.bar select option').length === ${i + 2}`);
    assert.ok((await tab.value("document.querySelectorAll('section').length")) >= 8, `damage ${i}`);
  }
  await tab.close();
});

test("reports of one scenario and device stand side by side by file, given together or dropped", async () => {
  const [before, after] = ["regression/before", "regression/after"].map(sample);
  const given = await tests.browser.open(pageOf(tests.folder, "given.html", before, after));
  const said = (tab) => tab.value("document.querySelector('#reports').innerText");
  const expected = [/made with\s+before\.json\s+after\.json/, /min_block_bytes\s+4194304\s+134217728/, /strategy\s+before\.json\s+after\.json\s+difference/,
    /engine\s+[\d.]+ MiB\s+[\d.]+ MiB\s+\+\d+ MiB \(\+\d+\.\d %\)\s*\u25bc/, /mem\.reserved_peak_bytes/];
  for (const wanted of expected) assert.match(await said(given), wanted);
  const titles = await given.value("[...document.querySelectorAll('.bar select option')].map((e) => e.textContent)");
  assert.deepEqual(titles.map((each) => each.split(" \u2013 ")[1]), ["before.json", "after.json"]);
  await given.screenshot(screenshot("reports.png"));
  assert.deepEqual(given.complaints, []);
  await given.close();
  const dropped = await tests.browser.open(pageOf(tests.folder, "page.html", sample("nvidia-h100-churn")));
  assert.equal(await dropped.value("document.querySelector('#reports')"), null);
  await dropped.drop([before, after]);
  await dropped.until("document.querySelector('#reports') !== null");
  for (const wanted of expected) assert.match(await said(dropped), wanted);
  // The other way round.
  await dropped.value(`(() => { const select = document.querySelector("#reports select"); select.selectedIndex = 1;
    select.dispatchEvent(new Event("change")); })()`);
  assert.match(await said(dropped), /engine\s+[\d.]+ MiB\s+[\d.]+ MiB\s+\u2212\d+ MiB \(\u2212\d+\.\d %\)\s*\u25b2/);
  await dropped.close();
});

test("reports of two traces stand side by side, and say why nothing of them is compared", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "traces.html", sample("lanes/1"), sample("lanes/2")));
  const said = await tab.value("document.querySelector('#reports').innerText");
  const expected = [/trace\s+[0-9a-f]{16}\s+[0-9a-f]{16}/, /vma\s+[\d.]+ MiB\s+[\d.]+ MiB\s+the traces differ/, /Nothing: the traces differ\./];
  for (const wanted of expected) assert.match(said, wanted);
  assert.equal(await tab.value("document.querySelectorAll('#reports :is(.best, .worst)').length"), 0);
  await tab.close();
});
