// Reports for tests, by hand.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { takeMetrics } from "../../src/metrics.js";
import { readReport } from "../../src/report.js";

// The metrics that are shown, as a page of the program carries them.
function shownMetrics() {
  const program = process.env.VKMEMBENCH_PROGRAM;
  if (!program) throw new Error("VKMEMBENCH_PROGRAM is not set; start these tests with ctest -R viewer.unit");
  const folder = mkdtempSync(join(tmpdir(), "vkmembench-viewer-"));
  const page = join(folder, "page.html");
  try {
    const sample = fileURLToPath(new URL("../../../samples/nvidia-h100-terrain_lod.json", import.meta.url));
    execFileSync(program, ["report", sample, "-o", page], { stdio: ["ignore", "ignore", "pipe"] });
    return JSON.parse(/<script type="application\/json" id="metrics">(.*?)<\/script>/.exec(readFileSync(page, "utf8"))[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
takeMetrics(shownMetrics());


export const metric = (id, value, more = {}) => ({ id, value, unit: "bytes", class: "exact", better: "lower", n: 0, ...more });
export const time = (id, value, more = {}) => metric(id, value, { unit: "ns", class: "noisy", n: 20_000, ...more });
export const run = (name, metrics, more = {}) => ({ strategy: { name, parameters: {} }, status: "ok", clock: "model", metrics, ...more });
// By the wall clock, in ten rounds.
export const measured = (name, metrics, more = {}) => run(name, metrics, { clock: "wall", rounds: 10, ...more });
export const reportOf = (runs, more = {}, file = "r.json") => readReport(JSON.stringify({
  schema: "vkmembench.report/1", status: "ok", scenario: { name: "s" }, device: { name: "d" }, quality: { warnings: [], truncations: [] }, runs, ...more,
}), file);
