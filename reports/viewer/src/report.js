// A report as the page reads it: the file's JSON behind questions that never fail, whatever the file leaves out.
import { count, list, number, object, plain, text } from "./json.js";
import { canWin } from "./reading.js";
import { foldRepeats } from "./rounds.js";

const SCHEMA = "vkmembench.report/";
const MAJOR = "1";

const snapshotOf = (raw) => ({
  ...raw, label: text(raw.label), frame: number(raw.frame) ?? 0, blocksDropped: count(raw.blocks_dropped), spansDropped: count(raw.spans_dropped),
  blocksTotal: number(raw.blocks_total_bytes), liveTotal: number(raw.spans_total_bytes),
  blocks: list(raw.blocks).map(object).map((block) => ({
    ...block, size_bytes: number(block.size_bytes) ?? 0, spans: list(block.spans).filter(Array.isArray),
    ...(block.used ? { used: list(block.used).filter(Array.isArray) } : {}),
  })),
});

const hostRowOf = (raw) => ({
  category: plain(raw.category), place: text(raw.place), live: count(raw.live_bytes), liveCount: count(raw.live_count), peak: count(raw.peak_bytes),
  total: count(raw.allocated_bytes), allocations: count(raw.allocated_count),
});
// CPU memory; null of a run that did not track it.
function hostMemoryOf(raw) {
  const rows = (value) => list(value).map(object).map(hostRowOf);
  const { categories, places, leaks, driver_scopes: scopes } = object(raw);
  return raw === undefined || raw === null
    ? null
    : { categories: rows(categories), places: rows(places), leaks: rows(leaks), scopes: list(scopes).map(object) };
}

// What the program advises: the strategies that no other beats, whom they beat, and what to ask oneself. null of a report
// whose figures choose nobody.
function adviceOf(raw) {
  const { base, front, beaten, questions } = object(raw);
  const named = (rows) => list(rows).map(object).map((row) => ({ ...row, strategy: text(row.strategy) }));
  const choices = named(front).map((row) => ({
    strategy: row.strategy, alike: list(row.alike).map(text), text: text(row.text), reserved: number(row.reserved_bytes), driver: number(row.driver_ns),
  }));
  const rest = named(beaten).map(({ strategy, by, why }) => ({ strategy, by: text(by), why: text(why) }));
  return choices.length === 0 ? null : { base: text(base), front: choices, beaten: rest, questions: list(questions).map(text) };
}

export class Run {
  constructor(raw, index) {
    this.raw = object(raw);
    this.index = index;
    this.strategy = text(object(this.raw.strategy).name);
    this.name = this.strategy;  // Report makes it distinct
    this.parameters = object(object(this.raw.strategy).parameters);
    this.status = plain(this.raw.status);
    this.clock = plain(this.raw.clock);
    this.rounds = Math.max(1, count(this.raw.rounds));
    this.isFloor = this.strategy === "null";
    this.tags = list(this.raw.tags).map(text);
    for (const key of ["histograms", "events", "leaks"]) this[key] = list(this.raw[key]).map(object);
    this.snapshots = list(this.raw.snapshots).map(object).map(snapshotOf);
    this.frames = list(object(this.raw.series).frame);
    this.columns = object(object(this.raw.series).columns);
    this.hostMemory = hostMemoryOf(this.raw.host_memory);
    const checks = object(this.raw.checks);
    this.checks = { done: list(checks.done).map(text), skipped: list(checks.skipped).map(object), violations: list(checks.violations).map(text) };
  }

  // Metrics by id; each id's totals and scopes in the order of the file. Built when first asked for.
  get metrics() {
    if (!this.byId) {
      this.byId = new Map();
      for (const metric of list(this.raw.metrics).map(object)) {
        const id = plain(metric.id);
        if (!this.byId.has(id)) this.byId.set(id, []);
        this.byId.get(id).push(metric);
      }
    }
    return this.byId;
  }
  // The total of a metric, or that of a scope; undefined when the run has none.
  metric(id, scope) {
    const wanted = scope && JSON.stringify(scope);
    return this.metrics.get(id)?.find((metric) => (wanted === undefined ? metric.scope === undefined : JSON.stringify(metric.scope) === wanted));
  }
  value(id) {
    return number(this.metric(id)?.value);
  }
  // [scope, value] of each scope of a metric.
  scopes(id) {
    return (this.metrics.get(id) ?? []).filter((metric) => metric.scope !== undefined)
        .map((metric) => [text(Object.values(object(metric.scope))[0]), number(metric.value)]);
  }
  histogram(id) {
    return this.histograms.find((histogram) => histogram.id === id);
  }
  // A column of the series; `which` is last, min or max, both of which equal last where the file leaves them out.
  column(id, which = "last") {
    const column = object(this.columns[id]);
    return list(column[which] ?? column.last).map(number);
  }
}

export class Report {
  constructor(raw, file) {
    this.raw = raw;
    this.file = file;
    this.status = text(raw.status);
    for (const key of ["device", "scenario", "tool", "host", "invocation"]) this[key] = object(raw[key]);
    this.warnings = list(object(raw.quality).warnings).map(object);
    this.runs = foldRepeats(list(raw.runs)).map((run, index) => new Run(run, index));
    // A simulated driver's calls take no time worth the name: by the wall clock only the allocator's own work is timed.
    const isSaid = this.warnings.some(({ code }) => code === "wall_clock_simulated");
    for (const run of this.runs) run.isStubTimed = isSaid || (this.device.simulated === true && run.clock === "wall");
    const refused = (run) => run.value("alloc.failed_count") ?? 0;
    const fewest = Math.min(...this.runs.filter(canWin).map(refused));
    for (const run of this.runs) run.refusesMore = refused(run) > fewest;
    this.truncations = list(object(raw.quality).truncations).map(text);
    const seen = new Map();
    for (const run of this.runs) {
      const nth = (seen.get(run.strategy) ?? 0) + 1;
      seen.set(run.strategy, nth);
      if (nth > 1) run.name = `${run.strategy} (${nth})`;
    }
    this.scenarioName = text(this.scenario.name);
    this.deviceName = text(this.device.name) + (this.device.simulated ? " (simulated)" : "");
    this.advice = adviceOf(raw.advice);
    this.heaps = list(this.device.heaps).map(object);
    this.types = list(this.device.types).map(object);
    this.limits = object(this.device.limits);
  }
  get isStubTimed() {
    return this.runs.some((run) => run.isStubTimed);
  }
  get clock() {
    return text(this.runs[0]?.clock);
  }
}

// Reads the text of a report. Throws an Error that says what the file is instead, and the remedy.
export function readReport(json, file) {
  let raw;
  try {
    raw = JSON.parse(json.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Error(`${file}: not JSON, or cut short (${error.message}); write it again with \`vkmembench run\``);
  }
  const schema = object(raw).schema;
  if (typeof schema !== "string" || !schema.startsWith(SCHEMA)) {
    throw new Error(`${file}: not a report${typeof schema === "string" ? ` but ${schema}` : ""}; \`vkmembench run SCENARIO -o FILE\` writes one`);
  }
  if (schema.slice(SCHEMA.length) !== MAJOR) {
    throw new Error(`${file}: is a ${schema}, this page reads ${SCHEMA}${MAJOR}; use the page of the tool that wrote it`);
  }
  return new Report(raw, file);
}
