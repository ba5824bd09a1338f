// Makes the picture of the page that the README shows, of a modelled run: the same on every machine.
// Usage: node reports/viewer/test/picture.mjs [PROGRAM [OUTPUT.png]]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Browser } from "./browser/chromium.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [program = here("../../../build/release/vkmembench"), output = here("../page.png")] = process.argv.slice(2);
const WIDTH = 1160;
const SCALE = 0.8;
const LAST = "#choice";  // the section that the picture ends with

const folder = mkdtempSync(join(tmpdir(), "vkmembench-picture-"));
const browser = await Browser.start();
try {
  const [report, page] = ["churn.json", "churn.html"].map((name) => join(folder, name));
  execFileSync(program, ["run", "churn", "--device", "sim:nvidia-rtx-3090", "--clock", "model", "-q", "-o", report], { stdio: "ignore" });
  execFileSync(program, ["report", report, "-o", page], { stdio: "ignore" });
  const tab = await browser.open(page, { width: WIDTH });
  await tab.settle();
  const height = await tab.value(`document.querySelector("${LAST}").getBoundingClientRect().bottom + scrollY + 12`);
  const { data } = await tab.send("Page.captureScreenshot", { captureBeyondViewport: true, clip: { x: 0, y: 0, width: WIDTH, height, scale: SCALE } });
  writeFileSync(output, Buffer.from(data, "base64"));
  console.log(`${output}: ${statSync(output).size} bytes`);
} finally {
  await browser.stop();
  rmSync(folder, { recursive: true, force: true });
}
