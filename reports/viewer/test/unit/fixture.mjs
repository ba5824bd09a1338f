// Reports for tests, by hand.
import { readReport } from "../../src/report.js";

export const metric = (id, value, more = {}) => ({ id, value, unit: "bytes", class: "exact", better: "lower", n: 0, ...more });
export const time = (id, value, more = {}) => metric(id, value, { unit: "ns", class: "noisy", n: 20_000, ...more });
export const run = (name, metrics, more = {}) => ({ strategy: { name, parameters: {} }, status: "ok", clock: "model", metrics, ...more });
// By the wall clock, in ten rounds.
export const measured = (name, metrics, more = {}) => run(name, metrics, { clock: "wall", rounds: 10, ...more });
export const reportOf = (runs, more = {}, file = "r.json") => readReport(JSON.stringify({
  schema: "vkmembench.report/1", status: "ok", scenario: { name: "s" }, device: { name: "d" }, quality: { warnings: [], truncations: [] }, runs, ...more,
}), file);
