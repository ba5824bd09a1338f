// What the browser tests share: the program's pages, a browser for each test file, and where screenshots go.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { Browser } from "./chromium.mjs";

const program = process.env.VKMEMBENCH_PROGRAM;
if (!program) throw new Error("VKMEMBENCH_PROGRAM is not set; start these tests with ctest -R viewer");
const screenshots = process.env.VKMEMBENCH_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), "vkmembench-screenshots-"));
mkdirSync(screenshots, { recursive: true });

export const source = fileURLToPath(new URL("../../../../", import.meta.url));
export const sample = (name) => join(source, "reports/samples", `${name}.json`);
export const screenshot = (name) => join(screenshots, name);

// The folder of one test file; its browser is `tests.browser` while the tests run.
export function setUp() {
  const folder = mkdtempSync(join(tmpdir(), "vkmembench-viewer-"));
  const tests = { folder, browser: null };
  before(async () => { tests.browser = await Browser.start(); });
  after(async () => {
    await tests.browser?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return tests;
}

// Runs the program, which must succeed; returns what it printed.
export const run = (...args) => execFileSync(program, args, { cwd: source, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });

// The page of reports in the folder.
export function pageOf(folder, name, ...reports) {
  const page = join(folder, name);
  run("report", ...reports, "-o", page);
  return page;
}
