// A store of reports as the page reads it: the lines of its index, each cell a run of which totals are known.
import { count, list, object, plain, text } from "./json.js";
import { canWin, reading } from "./reading.js";
import { Run } from "./report.js";

const SCHEMA = "vkmembench.store/1";

// The metrics of a line as a report has them: what all lines share stands in the first.
const metricsOf = (kinds, said) => Object.entries(object(said)).map(([id, of]) => (
  { id, n: 0, ...object(kinds[id]), ...(of !== null && typeof of === "object" ? of : { value: of }) }));

class Cell {
  constructor(line, kinds, index) {
    this.name = text(line.name);
    this.report = plain(line.report);
    this.run = new Run({ ...line, status: "ok", metrics: metricsOf(kinds, line.metrics) }, index);
    this.selector = plain(line.device);
    this.strategy = text(object(line.strategy).name);
    this.repeat = Math.max(1, count(line.repeat));
    this.trace = plain(object(line.scenario).trace_hash);
    this.exit = count(line.exit);
    this.line = text(line.line);
    this.settings = Object.entries(object(line.set)).map(([key, value]) => `${key}=${value}`).join(" ");
    this.seed = plain(object(line.scenario).seed);
    this.scenarioName = text(object(line.scenario).name);
    this.scenario = this.scenarioName;
  }
}

export class Store {
  constructor(lines, file) {
    const [head, ...cells] = lines.map(object);
    this.file = file;
    this.tool = object(head.tool);
    this.planned = count(head.cells);
    this.missing = list(head.missing).map(object).map((each) => ({ name: text(each.name), why: text(each.why) }));
    this.devices = object(head.devices);
    this.cells = cells.map((line, index) => new Cell(line, object(head.metrics), index));
    // Scenarios of one name are told apart by what the plan set, or else by their seeds.
    const traces = new Map();
    for (const cell of this.cells) traces.set(cell.scenarioName, (traces.get(cell.scenarioName) ?? new Set()).add(cell.trace));
    const bySettings = new Map();
    for (const cell of this.cells) {
      const key = `${cell.scenarioName} ${cell.settings}`;
      bySettings.set(key, (bySettings.get(key) ?? new Set()).add(cell.seed));
    }
    for (const cell of this.cells) {
      const several = traces.get(cell.scenarioName).size > 1;
      const seeds = bySettings.get(`${cell.scenarioName} ${cell.settings}`).size > 1;
      cell.scenario = [cell.scenarioName, several && cell.settings, seeds && `seed ${cell.seed}`].filter((part) => part).join(" ");
      const device = object(this.devices[cell.selector]);
      cell.device = text(device.name) + (device.simulated ? " (simulated)" : "") || cell.selector;
      cell.run.isStubTimed = device.simulated === true && cell.run.clock === "wall";
    }
    this.markRefusals();
    // Two selectors may lead to devices of one name.
    const selectors = new Map();
    for (const { device, selector } of this.cells) selectors.set(device, (selectors.get(device) ?? new Set()).add(selector));
    for (const cell of this.cells) if (selectors.get(cell.device).size > 1) cell.device += ` ${cell.selector}`;
  }
  // Who refused more requests of a scenario on a device than another did less work.
  markRefusals() {
    const fewest = new Map();
    const refused = ({ run }) => run.value("alloc.failed_count") ?? 0;
    const keyOfWork = ({ selector, trace }) => JSON.stringify([selector, trace]);
    for (const cell of this.cells) if (canWin(cell.run)) fewest.set(keyOfWork(cell), Math.min(fewest.get(keyOfWork(cell)) ?? Infinity, refused(cell)));
    for (const cell of this.cells) cell.run.refusesMore = refused(cell) > (fewest.get(keyOfWork(cell)) ?? Infinity);
  }
  // What its tool is called: the commit, where it is known.
  get label() {
    const { git_sha: sha, version } = this.tool;
    return text(sha && sha !== "unknown" ? plain(sha).slice(0, 12) : version);
  }
  // The texts of "device", "scenario" or "strategy", in the order of their coming.
  along(dimension) {
    return [...new Set(this.cells.map((cell) => cell[dimension]))];
  }
  // The cells of a place {device, scenario, strategy}, one a repeat.
  at(place) {
    if (!this.byPlace) {
      this.byPlace = new Map();
      for (const cell of this.cells) {
        const key = keyOf(cell);
        if (!this.byPlace.has(key)) this.byPlace.set(key, []);
        this.byPlace.get(key).push(cell);
      }
    }
    return this.byPlace.get(keyOf(place)) ?? [];
  }
}

const keyOf = ({ device, scenario, strategy }) => JSON.stringify([device, scenario, strategy]);

// One reading of several repeats: the median, from the least to the largest of what noise allows. `read(run)` reads one.
export function overRepeats(cells, read) {
  const readings = cells.map((cell) => read(cell.run)).filter(({ value }) => value !== null).sort((a, b) => a.value - b.value);
  if (readings.length === 0) return cells.length > 0 ? read(cells[0].run) : { ...reading(new Run({}, 0), ""), reason: "not run" };
  const middle = readings[readings.length >> 1];
  if (readings.length === 1 || readings[0].value === readings.at(-1).value) return middle;
  const below = readings[(readings.length - 1) >> 1];
  return { ...middle, value: (below.value + middle.value) / 2, isExact: false, low: readings[0].value, high: readings.at(-1).value };
}

// The text of a store, as the program puts it into the page. Throws an Error for what is none.
export function readStore(json, file) {
  const lines = JSON.parse(json);
  const schema = object(list(lines)[0]).schema;
  if (schema !== SCHEMA) throw new Error(`${file}: is ${plain(schema) || "no store"}, this page shows ${SCHEMA}`);
  return new Store(lines, file);
}
