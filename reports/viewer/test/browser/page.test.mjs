// The page of reports: it draws, answers to the pointer and the slider, and follows theme, width and paper.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";

import * as format from "../../src/format.js";
import { pageOf, run, sample, screenshot, setUp } from "./fixture.mjs";

const tests = setUp();
let page;
let report;

before(() => {
  report = join(tests.folder, "scene_switch.json");
  run("run", "scene_switch", "--device", "sim:nvidia-rtx-3090", "--clock", "model", "-o", report);
  page = pageOf(tests.folder, "page.html", report);
});

// How many of a canvas's pixels differ from the first; and a digest of them all.
const PIXELS = `new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)`;
const INK = `(canvas) => { const data = ${PIXELS}; return data.filter((pixel) => pixel !== data[0]).length; }`;
const DIGEST = `(canvas) => ${PIXELS}.reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 7)`;

test("a default report is small and draws everything without network or complaint", async (t) => {
  assert.ok(statSync(page).size < 2e6, `${statSync(page).size} bytes`);
  const tab = await tests.browser.open(page);
  await tab.settle();
  t.diagnostic(`interactive ${await tab.value("document.documentElement.dataset.ready")} ms after the navigation, ${statSync(page).size} bytes`);
  const titles = await tab.value("[...document.querySelectorAll('h2')].map((e) => e.textContent)");
  for (const title of [
    "Summary",
    "Strategies side by side",
    "Memory over time",
    "Fragmentation over time",
    "Latency",
    "Slow allocations",
    "Memory map",
    "Defragmentation",
    "Difference of two snapshots",
    "Health",
    "Details",
  ]) {
    assert.ok(titles.includes(title), `${title} in ${titles}`);
  }
  const inks = await tab.value(`[...document.querySelectorAll("canvas")].map(${INK})`);
  assert.ok(inks.length >= 7, `${inks.length} drawings`);
  for (const ink of inks) assert.ok(ink > 500, `inks ${inks}`);
  const marks = await tab.value("['.best', '.worst'].map((of) => [...document.querySelectorAll(`.strategies td${of} .mark`)].map((e) => e.textContent))");
  assert.ok(marks[0].length > 0 && marks[0].every((mark) => mark === "\u25b2"), "best is marked by a sign");
  assert.ok(marks[1].length > 0 && marks[1].every((mark) => mark === "\u25bc"), "worst is marked by a sign");
  await tab.screenshot(screenshot("light-1400.png"));
  assert.deepEqual(tab.complaints, []);
  assert.deepEqual(tab.requests.filter((url) => !url.startsWith("data:")).map((url) => url.split("/").pop()), ["page.html"]);
  await tab.close();
});

test("the slider changes the snapshot, and the pointer and the arrow keys name allocations", async () => {
  const few = join(tests.folder, "few.json");  // of few strategies a report names every allocation
  run("run", "scene_switch", "--strategy", "vma,core-default", "--device", "sim:nvidia-rtx-3090", "--clock", "model", "-o", few);
  const tab = await tests.browser.open(pageOf(tests.folder, "few.html", few));
  const labels = await tab.value("[...document.querySelectorAll('#difference select')[1].options].map((e) => e.textContent)");
  const place = await tab.placeOf("#map input[type=range]");
  const shown = () => tab.value("document.querySelector('#map .snapshot strong').textContent");
  assert.equal(await shown(), labels[0]);
  const first = await tab.value(`(${DIGEST})(document.querySelector("#map canvas"))`);
  await tab.click(place.x, place.y);
  const middle = await shown();
  assert.notEqual(middle, labels[0]);
  assert.notEqual(await tab.value(`(${DIGEST})(document.querySelector("#map canvas"))`), first);
  await tab.press("ArrowLeft");
  assert.equal(await shown(), labels[labels.indexOf(middle) - 1]);
  while ((await shown()) !== labels[0]) await tab.press("ArrowLeft");  // the fullest

  const canvas = await tab.placeOf("#map canvas");
  const seen = new Set();
  for (let i = 0; i < 100 && seen.size === 0; ++i) {
    await tab.moveTo(canvas.left + 5 + ((i * 97) % canvas.width), canvas.top + 30 + 22 * (i % 8));
    const text = await tab.value("(() => { const tip = document.querySelector('#map .tip'); return tip.hidden ? '' : tip.innerText; })()");
    if (/size [\d.]+ \w+/.test(text) && /kind (buffer|image)/.test(text) && /age [\d,]+ frames?, created in frame/.test(text)) seen.add(text);
  }
  assert.ok(seen.size > 0, "an allocation is named with size, kind and age");
  await tab.screenshot(screenshot("tooltip.png"));
  await tab.moveTo(1, 1);
  assert.equal(await tab.value("document.querySelector('#map .tip').hidden"), true);
  await tab.value("document.querySelector('#map canvas').focus()");
  const walked = new Set();
  for (let i = 0; i < 3; ++i) {
    await tab.press("ArrowRight");
    walked.add(await tab.value("document.querySelector('#map .tip').innerText"));
  }
  assert.equal(walked.size, 3);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("of a cut snapshot the totals are whole, the map opens at the peak, and what is missing is not drawn as free", async () => {
  const file = join(tests.folder, "cut.json");  // one block an allocation is more than a report keeps
  run("run", "churn", "--device", "sim:nvidia-rtx-3090", "--clock", "model", "-o", file);
  const dedicated = JSON.parse(readFileSync(file, "utf8")).runs.find(({ strategy }) => strategy.name === "dedicated");
  const { frame: frames, columns } = dedicated.series;
  const held = ({ blocks_total_bytes: total, frame }) => total ?? columns["mem.reserved_bytes"].last[frames.findIndex((each) => each >= frame)];
  const totals = dedicated.snapshots.map(held);
  const peak = totals.indexOf(Math.max(...totals));
  assert.ok(peak > 0 && dedicated.snapshots[peak].blocks_dropped > 0);
  const tab = await tests.browser.open(pageOf(tests.folder, "cut.html", file));
  const choose = (section, nth, label) => tab.value(`(() => { const select = document.querySelectorAll("#${section} select")[${nth}];
    select.selectedIndex = [...select.options].findIndex((option) => option.textContent === ${JSON.stringify(label)});
    select.dispatchEvent(new Event("change")); })()`);
  const text = (selector) => tab.value(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  await choose("map", 0, "dedicated");
  const said = `^${dedicated.snapshots[peak].label} .*recorded are .* of .* blocks, .* of (about )?${format.bytes(totals[peak])}`;
  assert.match(await text("#map .snapshot"), new RegExp(said));
  assert.match(await text("#map .legend"), /not recorded/);
  const striped = await tab.value(`(() => { const { width, height } = document.querySelector("#map canvas");
    const pixel = (x, y) => document.querySelector("#map canvas").getContext("2d").getImageData(x, y, 1, 1).data.join();
    return new Set(Array.from({ length: 12 }, (_, i) => pixel(100 + i, height - 70))).size; })()`);
  assert.ok(striped > 1, "what is not recorded is hatched");
  await choose("difference", 0, "dedicated");
  await choose("difference", 1, dedicated.snapshots[peak].label);
  await choose("difference", 2, dedicated.snapshots.at(-1).label);
  const change = totals.at(-1) - totals[peak];
  assert.ok((await text("#difference .side")).includes(`${change < 0 ? "\u2212" : "+"}${format.bytes(Math.abs(change))}`), await text("#difference .side"));
  assert.match(await text("#difference"), /the report leaves out before: the [\d,]+ smallest blocks/);
  await tab.screenshot(screenshot("cut.png"));
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("charts read values under the pointer and follow the choice of strategies", async () => {
  const tab = await tests.browser.open(page);
  const plot = await tab.placeOf("#memory .u-over");
  await tab.moveTo(plot.x, plot.y);
  const values = await tab.value("[...document.querySelectorAll('#memory .uplot')][0].querySelectorAll('.u-value').length");
  const read = await tab.value("[...document.querySelector('#memory .uplot').querySelectorAll('.u-value')].map((e) => e.textContent)");
  assert.ok(values > 3 && read.slice(1).every((text) => /^[\d.]+ (B|KiB|MiB|GiB)$/.test(text)), read.join("|"));
  const box = await tab.placeOf(".strategies tbody tr:last-child input");
  await tab.click(box.x, box.y);
  assert.equal(await tab.value("document.querySelector('#memory .uplot').querySelectorAll('.u-value').length"), values + 1);
  const title = await tab.placeOf(".strategies thead th:nth-child(2) button");
  await tab.click(title.x, title.y);
  const sorted = await tab.value("[...document.querySelectorAll('.strategies tbody td:nth-child(2) .value')].map((e) => parseFloat(e.textContent))");
  assert.deepEqual(sorted, [...sorted].sort((a, b) => a - b));
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("the difference around the defragmentation shows moved allocations", async () => {
  const tab = await tests.browser.open(page);
  const chosen = await tab.value("[...document.querySelectorAll('#difference select')].map((e) => e.selectedOptions[0].textContent)");
  assert.deepEqual(chosen.slice(1), ["after_switch", "after_defrag"]);
  const moved = await tab.value("document.querySelector('#difference tbody tr:nth-child(2)').innerText");
  assert.match(moved, /moved\s+[1-9]/);
  await tab.close();
});

test("dark, narrow and on paper", async () => {
  const tab = await tests.browser.open(page, { width: 700 });
  const background = () => tab.value("getComputedStyle(document.body).backgroundColor");
  const light = await background();
  await tab.screenshot(screenshot("light-700.png"));
  assert.ok(await tab.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
  await tab.colors("dark");
  await tab.settle();
  const dark = await background();
  assert.notEqual(dark, light);
  await tab.screenshot(screenshot("dark-700.png"));
  const toggle = await tab.placeOf("button.theme");
  await tab.click(toggle.x, toggle.y);
  assert.equal(await background(), light);
  await tab.click(toggle.x, toggle.y);
  await tab.resize(1400, 900);
  await tab.screenshot(screenshot("dark-1400.png"));
  const pdf = await tab.print(screenshot("print.pdf"));
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.ok(pdf.length > 50_000, `${pdf.length} bytes of paper`);
  assert.equal(await background(), dark);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

// Remembers where text was drawn on each canvas, in the canvas's pixels.
const DRAWN_TEXT = `{ const draw = CanvasRenderingContext2D.prototype.fillText; window.drawn = new Map();
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...of) { drawn.delete(this.canvas); clear.apply(this, of); };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = this.measureText(text), to = this.getTransform(), at = (left) => to.transformPoint({ x: x + left, y });
    if (!drawn.has(this.canvas)) drawn.set(this.canvas, []);
    const [a, b] = [at(-size.actualBoundingBoxLeft), at(size.actualBoundingBoxRight)];
    drawn.get(this.canvas).push({ text, left: Math.min(a.x, b.x), right: Math.max(a.x, b.x), y: a.y, flat: Math.abs(a.y - b.y) < 1 });
    draw.call(this, text, x, y);
  }; }`;

test("at 400 pixels nothing covers or cuts another", async () => {
  const tab = await tests.browser.open(pageOf(tests.folder, "narrow.html", report, sample("nvidia-h100-churn")), { width: 400, before: DRAWN_TEXT });
  await tab.settle();
  const boxes = await tab.value(
    `[...document.querySelectorAll('.bar .brand, .bar .choice, .bar button')].map((e) => {
      const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })`,
  );
  for (const [i, a] of boxes.entries()) {
    assert.ok(a[0] >= 0 && a[2] <= 400, `${a}`);
    for (const b of boxes.slice(i + 1)) assert.ok(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1], `${a} over ${b}`);
  }
  const drawn = await tab.value(
    "(() => { const canvas = document.querySelector('#latency canvas'); return { width: canvas.width, texts: drawn.get(canvas) }; })()",
  );
  const flat = drawn.texts.filter((text) => text.flat);
  assert.ok(flat.some(({ text }) => text === "99 %") && flat.some(({ text }) => text.startsWith("share")), JSON.stringify(flat));
  for (const [i, a] of flat.entries()) {
    assert.ok(a.left >= 0 && a.right <= drawn.width, `${a.text} is cut`);
    for (const b of flat.slice(i + 1)) assert.ok(Math.abs(a.y - b.y) > 8 || a.right < b.left || b.right < a.left, `${a.text} over ${b.text}`);
  }
  assert.ok(await tab.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
  await tab.screenshot(screenshot("light-400.png"));
  await tab.resize(1280, 800);
  await tab.settle();
  const links = await tab.value("[...document.querySelectorAll('.sections a')].map((e) => e.getBoundingClientRect().right)");
  assert.ok(links.length >= 11 && Math.max(...links) <= await tab.value("document.querySelector('.sections').getBoundingClientRect().right"), `${links}`);
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});

test("paper shows what is chosen", async () => {
  const tab = await tests.browser.open(page);
  const strategy = "[...document.querySelectorAll('#map select')][0]";
  await tab.value(`(() => { const select = ${strategy}; select.selectedIndex = select.options.length - 1; select.dispatchEvent(new Event("change")); })()`);
  const chosen = await tab.value(`${strategy}.selectedOptions[0].textContent`);
  const snapshot = await tab.value("document.querySelector('#map .snapshot strong').textContent");
  await tab.media("print");
  await tab.settle();
  const said = await tab.value("document.querySelector('#map .controls').innerText");
  assert.ok(said.includes(chosen) && said.includes(snapshot), said);
  assert.match(await tab.value("document.querySelector('#latency .choice').innerText"), /Operation\s*time to create a/);
  assert.equal(await tab.value("[...document.querySelectorAll('select, input[type=range]')].filter((e) => e.offsetParent !== null).length"), 0);
  await tab.close();
});

test("CPU memory is shown by strategy, category and place", async () => {
  const churn = await tests.browser.open(pageOf(tests.folder, "host.html", sample("host/nvidia-h200-host_churn")));
  const said = await churn.value("document.querySelector('#cpu-memory').innerText");
  for (const wanted of [
    /bytes per allocation/,
    /Live is of one moment/,
    /Places that hold most/,
    /lane:0/,
    /Diffuse/,
    /all CPU memory was freed/,
    /create_buffer/,
  ])
    assert.match(said, wanted);
  const metric = JSON.parse(readFileSync(sample("host/nvidia-h200-host_churn"), "utf8")).runs[1].metrics.find(
    ({ id, scope }) => id === "host.bytes_per_allocation" && !scope,
  );
  assert.ok(said.includes(format.bytes(metric.value)), said);
  assert.ok((await churn.value("document.querySelectorAll('#cpu-memory .host tbody tr').length")) > 20);
  const before = await churn.value("document.querySelector('#cpu-memory .host').innerText");
  await churn.value(
    `(() => { const select = document.querySelector('#cpu-memory select');
      select.selectedIndex = (select.selectedIndex + 1) % select.options.length; select.dispatchEvent(new Event('change')); })()`,
  );
  assert.notEqual(await churn.value("document.querySelector('#cpu-memory .host').innerText"), before);
  assert.ok(await churn.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
  await churn.screenshot(screenshot("cpu-memory.png"));
  await churn.resize(400, 900);
  await churn.settle();
  assert.ok(await churn.value("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window");
  await churn.screenshot(screenshot("cpu-memory-400.png"));
  assert.deepEqual(churn.complaints, []);
  await churn.close();
  const without = await tests.browser.open(page);
  assert.equal(await without.value("document.querySelector('#cpu-memory')"), null);
  await without.close();
});

test("several devices are compared, and every sample opens", async () => {
  const folder = join(tests.folder, "all/");
  run("run", "terrain_lod", "--set", "scale=0.3", "--device", "sim:all", "--clock", "model", "-o", folder);
  const names = readdirSync(folder).sort();
  assert.ok(names.length >= 4);
  const samples = ["churn", "dynamic_streaming", "scene_loading", "scene_switch", "terrain_lod"].map((name) => sample(`nvidia-h100-${name}`));
  const tab = await tests.browser.open(pageOf(tests.folder, "several.html", ...names.map((name) => join(folder, name, "terrain_lod.json")), ...samples));
  const headings = await tab.value("[...document.querySelectorAll('#devices table')][0].querySelectorAll('thead th').length");
  assert.equal(headings, 1 + names.length);
  assert.ok(await tab.value(`(${INK})(document.querySelector("#devices canvas"))`) > 500);
  await tab.screenshot(screenshot("devices.png"));
  const count = await tab.value("document.querySelector('.bar select').options.length");
  assert.equal(count, names.length + samples.length);
  for (let i = 0; i < count; ++i) {
    await tab.value(
      `(() => { const select = document.querySelector(".bar select"); select.selectedIndex = ${i}; select.dispatchEvent(new Event("change")); })()`,
    );
    await tab.settle();
    assert.ok((await tab.value("document.querySelectorAll('canvas').length")) >= 6);
  }
  assert.deepEqual(tab.complaints, []);
  await tab.close();
});
