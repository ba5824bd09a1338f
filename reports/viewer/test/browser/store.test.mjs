// The page of stores: the matrix of all that was run, what is behind a cell, and what changed over commits.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";

import { pageOf, run, screenshot, setUp } from "./fixture.mjs";

const tests = setUp();
let history;

// Two stores, of which the older had other figures; a device is missing in both.
before(() => {
  const matrix = join(tests.folder, "m.json");
  writeFileSync(matrix, JSON.stringify({
    schema: "vkmembench.matrix/1", scenarios: [{ scenario: "churn", set: { scale: [0.02, 0.05] } }, { scenario: "bimodal", set: { scale: 0.05 } }],
    strategies: ["null", "dedicated", "vma", "core-default"], devices: ["sim:amd-rx-6600", "sim:arm-mali-g7x"],
  }));
  const plan = join(tests.folder, "plan");
  run("plan", matrix, "-o", plan);
  run("run", "--plan", plan, "-q");
  history = join(tests.folder, "history");
  mkdirSync(join(history, "01"), { recursive: true });
  run("merge", plan, "-o", join(history, "02"));
  const index = readFileSync(join(history, "02", "index.jsonl"), "utf8").replace(/"git_sha":"[^"]*"/, '"git_sha":"<b>old"');
  writeFileSync(join(history, "01", "index.jsonl"), index.replace(/("name":"\d+-churn-vma-amd.*?"mem\.reserved_peak_bytes":)\d+/g, "$11234567"));
});

test("a store's page is a matrix with what is behind each cell", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "store.html", join(history, "02")));
  assert.equal(await tab.value("document.querySelectorAll('#matrix table').length"), 2);
  assert.equal(await tab.value("document.querySelectorAll('#matrix button.heat').length"), 2 * 3 * 4);
  assert.equal(await tab.value("document.querySelector('#trend')"), null);
  await tab.value("[...document.querySelectorAll('#matrix button.heat')][3].click()");
  assert.match(await tab.value("document.querySelector('#cell h3').textContent"), /core-default in churn scale=0.02 on AMD/);
  assert.match(await tab.value("document.querySelector('#cell').textContent"), /vkmembench report .*\.json\.zst -o cell\.html/);
  await tab.screenshot(screenshot("store.png"));
  for (const [nth, option] of [[1, "scenario"], [1, "strategy"], [0, "frame p99 (time)"]]) {
    await tab.value(`(() => { const select = document.querySelectorAll("#matrix select")[${nth}];
      select.selectedIndex = [...select.options].findIndex((each) => each.textContent === ${JSON.stringify(option)});
      select.dispatchEvent(new Event("change")); })()`);
    assert.equal(await tab.value("document.querySelectorAll('#matrix button.heat').length"), 2 * 3 * 4, option);
  }
  assert.match(await tab.value("document.querySelector('#matrix button.heat .value').textContent"), / (ns|\u00b5s|ms)$/);
  assert.deepEqual(tab.complaints, []);
  assert.equal(tab.requests.filter((url) => !url.startsWith("data:")).length, 1);
  await tab.close();
});

test("stores of several commits show what changed", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "history.html", history));
  assert.equal(await tab.value("document.querySelectorAll('#trend canvas').length"), 1);
  const changes = await tab.value("[...document.querySelectorAll('#trend .scroll tbody tr')].map((row) => row.textContent)");
  assert.equal(changes.length, 2, `${changes}`);
  for (const text of changes) assert.match(text, /^vma \u00b7 churn scale=.* \u00b7 AMD.*2\. .*1\.18 MiB/);
  await tab.value("document.querySelector('#trend .scroll tbody button').click()");
  assert.equal(await tab.value("document.querySelector('b')"), null);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});
