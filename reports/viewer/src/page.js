// The page of one report: sections that share a selection of runs.
import { sweepCharts } from "./chart.js";
import { sameScenario } from "./devices.js";
import { fileNames, sameDevice } from "./compare.js";
import { el } from "./dom.js";
import * as format from "./format.js";
import { sweepMaps } from "./map_canvas.js";
import { Selection } from "./selection.js";
import { lookOf } from "./theme.js";
import { adviceView } from "./view_advice.js";
import { defragView, hasDefragmentation } from "./view_defrag.js";
import { detailsView } from "./view_details.js";
import { devicesView } from "./view_devices.js";
import { diffView } from "./view_diff.js";
import { healthView } from "./view_health.js";
import { hasHostMemory, hostMemoryView } from "./view_host_memory.js";
import { causesView, latencyView } from "./view_latency.js";
import { mapView } from "./view_map.js";
import { fragmentationView, memoryView } from "./view_memory.js";
import { reportsView } from "./view_reports.js";
import { strategiesView } from "./view_strategies.js";
import { summaryView } from "./view_summary.js";

const SHORT = { choice: "Which strategy", reports: "Reports", strategies: "Strategies", difference: "Two snapshots" };  // in the links

// What the sections of a report share.
class View {
  constructor(report) {
    this.report = report;
    this.selection = new Selection(report.runs);
    this.listeners = [];
    this.closers = [];
  }
  shown() {
    return this.selection.shown(this.report.runs);
  }
  look(run) {
    return lookOf(Math.max(0, this.selection.slotOf(run.index)));
  }
  onSelection(listener) {
    this.listeners.push(listener);
  }
  toggle(index) {
    this.selection.toggle(index);
    for (const listener of this.listeners) listener();
    sweepCharts();
  }
  onClose(closer) {
    this.closers.push(closer);
  }
  close() {
    for (const closer of this.closers) closer();
    sweepCharts();
    sweepMaps();
  }
}

// A part that a damaged report breaks says so; the others still show.
function section(id, title, make, ...inputs) {
  let content;
  try {
    content = make(...inputs);
  } catch (error) {
    console.error(error);
    content = el("p", { class: "problem" }, `This part of the report cannot be shown: ${error.message}.`);
  }
  return { id, title, element: el("section", { id }, el("h2", {}, title), content) };
}

// "6 to 12 rounds"; nothing of runs in one.
function roundsOf(runs) {
  const [least, most] = [Math.min(...runs.map((run) => run.rounds)), Math.max(...runs.map((run) => run.rounds))];
  return most > 1 && (least === most ? `${most} rounds` : `${least} to ${most} rounds`);
}

function head(report, file) {
  const { scenario } = report;
  const parts = [
    `seed ${scenario.seed ?? "?"}`, format.plural(scenario.frame_count ?? 0, "frame"), format.plural(scenario.event_count ?? 0, "event"),
    file, report.clock && `${report.clock} clock`, roundsOf(report.runs), format.plural(report.runs.length, "strategy").replace(/strategys$/, "strategies"),
  ];
  return el("div", { class: "head" },
      el("h1", {}, el("bdi", {}, report.scenarioName || "(no name)"), el("span", { class: "on" }, " on "), el("bdi", {}, report.deviceName || "(no device)")),
      el("p", { class: "quiet" }, parts.filter((part) => part).join(" \u00b7 ")));
}

// The sections of `reports[index]` below its heading, and how to close them before others are shown.
export function buildPage(reports, index) {
  const report = reports[index];
  const view = new View(report);
  const devices = sameScenario(reports, report);
  const sections = [section("summary", "Summary", summaryView, view)];
  if (report.advice !== null) sections.push(section("choice", "Which strategy should I take, and why", adviceView, view));
  if (report.runs.length > 0) {
    sections.push(
        section("strategies", "Strategies side by side", strategiesView, view),
        section("memory", "Memory over time", memoryView, view),
        section("fragmentation", "Fragmentation over time", fragmentationView, view),
        section("latency", "Latency", latencyView, view),
        section("causes", "Slow allocations", causesView, view),
        section("map", "Memory map", mapView, view));
    if (hasHostMemory(report)) sections.push(section("cpu-memory", "CPU memory", hostMemoryView, view));
    if (hasDefragmentation(report)) sections.push(section("defragmentation", "Defragmentation", defragView, view));
    sections.push(section("difference", "Difference of two snapshots", diffView, view), section("health", "Health", healthView, view));
  }
  const reruns = sameDevice(reports, report);
  if (reruns.length > 1) sections.splice(1, 0, section("reports", "Reports side by side", reportsView, view, reruns));
  if (devices.length > 1) sections.splice(1, 0, section("devices", "Across devices", devicesView, view, devices));
  sections.push(section("details", "Details", detailsView, view));
  const links = el("nav", { class: "sections", "aria-label": "sections" }, sections.map(({ id, title }) => el("a", { href: `#${id}` }, SHORT[id] ?? title)));
  const file = reruns.length > 1 && fileNames(reruns)[reruns.indexOf(report)];
  return { element: el("div", {}, head(report, file), links, el("main", {}, sections.map(({ element }) => element))), close: () => view.close() };
}
