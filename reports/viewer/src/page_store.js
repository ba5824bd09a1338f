// The page of stores: a matrix of all that was run, what is behind each of its cells, and how figures went over commits.
import { chart, sweepCharts } from "./chart.js";
import { figureOf, measured } from "./columns.js";
import { choice, el, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { DIMENSIONS, matrixOf } from "./matrix.js";
import { columnsFor } from "./metrics.js";
import { isTime, textsOf } from "./reading.js";
import { overRepeats } from "./store.js";
import { changesOf, trendOf } from "./trend.js";
import { lookOf } from "./theme.js";

const MOST_LINES = 12;  // of a chart
const MOST_CHANGES = 100;
const MOST_MISSING = 200;

const section = (id, title, content) => el("section", { id }, el("h2", {}, title), content);

// What the sections share: the figure that all show, and the cell that was chosen.
class StoreView {
  constructor(stores) {
    this.stores = stores;
    this.store = stores.at(-1);
    const runs = this.store.cells.map((cell) => cell.run);
    this.columns = measured(runs, columnsFor("page"));
    this.column = this.columns[0];
    this.place = null;
    this.listeners = [];
  }
  set(change) {
    Object.assign(this, change);
    for (const listener of this.listeners) listener(change);
    sweepCharts();
  }
  onChange(listener) {
    this.listeners.push(listener);
    listener({});
  }
}

const titleOf = ({ title, metric }) => title + (isTime(metric) ? " (time)" : "");
const saidOf = (times) => (times === null ? "" : `${times >= 10 ? format.count(times) : times.toFixed(2)} \u00d7`);

function cellOf(view, { place, cells, of, badness, times }) {
  if (cells.length === 0) return el("span", { class: "quiet", title: "not run" }, "\u2013");
  const { text, aside, hint } = textsOf(of, view.column.show, cells[0].run.rounds);
  const told = cells.some(({ exit, run }) => exit !== 0 || run.refusesMore);
  const title = [hint, times !== null && `${saidOf(times)} the best of this device and scenario`, cells.length > 1 && `median of ${cells.length} repeats`,
    cells.some(({ run }) => run.refusesMore) && "it refused more requests than others, and is not compared with them",
    ...cells.filter(({ exit }) => exit !== 0).map(({ line }) => line)].filter((part) => part).join("; ");
  const style = badness === null ? undefined : { "--bad-share": `${Math.round(badness * 50)}%` };
  return el("button", { class: "heat", title, style, on: { click: () => view.set({ place }) } },
      el("span", { class: "value" }, text), aside && el("span", { class: "aside" }, ` ${aside}`),
      told && el("span", { class: "mark", "aria-label": "has something to tell" }, " !"));
}

function matrixView(view) {
  const place = el("div");
  let split = DIMENSIONS[0];
  const update = () => replace(place, matrixOf(view.store, view.column, split).map((each) => [
    el("h3", {}, el("bdi", {}, each.of)),
    table([each.rowsOf, ...each.columns.map((column) => el("bdi", {}, column))],
        each.rows.map((row) => [name(row.of), ...row.cells.map((cell) => cellOf(view, cell))]), { class: "matrix" }),
  ]));
  view.onChange(({ place: chosen }) => chosen === undefined && update());
  return el("div", {},
      el("div", { class: "choices" },
          choice("Figure", view.columns.map(titleOf), 0, (i) => view.set({ column: view.columns[i] })),
          choice("A table for each", DIMENSIONS, 0, (i) => { split = DIMENSIONS[i]; update(); })),
      el("p", { class: "quiet" }, "Shaded by how many times the best of its device and scenario a figure is, from the same to four times; ",
          "null, the harness's floor, takes no part, nor does who refused more requests than others (!). Choose a cell to see what is behind it."), place);
}

// Everything that the index tells of the chosen cell.
function detailView(view) {
  const place = el("div");
  view.onChange(() => {
    if (view.place === null) return replace(place, el("p", { class: "quiet" }, "Choose a cell of the matrix."));
    const { device, scenario, strategy } = view.place;
    const cells = view.store.at(view.place);
    const rivals = view.store.along("strategy").filter((each) => each !== strategy && view.store.at({ device, scenario, strategy: each }).length > 0);
    const shown = [strategy, ...rivals];
    const figures = view.columns.map((column) => [
      el("span", { title: column.hint }, titleOf(column)),
      ...shown.map((each) => {
        const here = view.store.at({ device, scenario, strategy: each });
        const { text, aside, hint } = textsOf(overRepeats(here, (run) => figureOf(run, column.id)), column.show, here[0].run.rounds);
        return el("span", { title: hint, class: each === strategy ? "chosen" : undefined }, text, aside && el("span", { class: "aside" }, ` ${aside}`));
      }),
    ]);
    const parameters = Object.entries(cells[0].run.parameters).map(([key, value]) => `${key} ${value}`).join(", ");
    return replace(place,
        el("h3", {}, el("bdi", {}, strategy), " in ", el("bdi", {}, scenario), " on ", el("bdi", {}, device)),
        table(["figure", ...shown.map((each) => el("bdi", {}, each))], figures, { class: "wrap" }),
        parameters && el("p", { class: "quiet" }, `Parameters: ${parameters}.`),
        cells.map((cell) => el("p", { class: "quiet" }, `${cell.name}: ${format.plural(cell.run.rounds, "round")} by the ${cell.run.clock} clock`,
            cell.exit !== 0 && el("span", { class: "problem" }, `; it ended with ${cell.exit}: ${cell.line}`), ". All of it: ",
            el("code", {}, `vkmembench report ${view.store.file}/reports/${cell.report.slice(0, 2)}/${cell.report}.json.zst -o cell.html`))));
  });
  return place;
}

const indexed = (stores) => stores.map((store, i) => `${i + 1}. ${store.label}`);

// How the figure went over commits, of one device and scenario, and everywhere that it changed.
function trendView(view) {
  const { stores, store } = view;
  const labels = indexed(stores);
  const place = el("div");
  const all = el("div");
  const [devices, scenarios] = [store.along("device"), store.along("scenario")];
  let [device, scenario] = [devices[0], scenarios[0]];
  const draw = () => {
    const strategies = store.along("strategy").filter((strategy) => store.at({ device, scenario, strategy }).some(({ run }) => !run.isFloor));
    const trends = strategies.map((strategy) => ({ strategy, ...trendOf(stores, { device, scenario, strategy }, view.column) }))
        .filter(({ values }) => values.some((value) => value !== null))
        .sort((a, b) => b.changes.length - a.changes.length).slice(0, MOST_LINES);
    const marks = trends.flatMap(({ strategy, changes }) => changes.map(({ at }) => ({ x: at, text: strategy })));
    const shortest = labels.map((label) => label.slice(0, Math.max(6, Math.floor(110 / labels.length))));
    const areAllPositive = trends.every(({ values }) => values.every((value) => value === null || value > 0));
    replace(place, trends.length === 0 ? el("p", { class: "quiet" }, "Not measured there.") : el("figure", {},
        el("figcaption", {}, `${view.column.title} over commits`, el("span", { class: "quiet" }, " \u2013 a line stands where a strategy's level changed.")),
        chart({
          xs: stores.map((_, i) => i), height: 300, marks,
          lines: trends.map(({ strategy, values }, i) => ({ label: strategy, values, look: () => lookOf(i), points: true, spanGaps: true })),
          x: { label: "commit", format: (i) => labels[i] ?? "", tick: (i) => (Number.isInteger(i) ? (shortest[i] ?? "") : ""),
            splits: () => stores.map((_, i) => i), range: [-0.3, stores.length - 0.7] },
          y: { label: view.column.title, format: view.column.show, log: isTime(view.column.metric) && areAllPositive },
          describe: `${view.column.title} of ${scenario} on ${device} over ${stores.length} commits`,
        })));
  };
  const list = () => {
    const changes = changesOf(stores, view.column);
    const show = view.column.show;
    replace(all, el("h3", {}, `Every change of ${view.column.title}`),
        changes.length === 0 ? el("p", {}, "None: no figure left its level.")
            : table(["where", "commit", "before", "after", ""], changes.slice(0, MOST_CHANGES).map(({ place: at, at: i, before, after }) => [
              el("button", { class: "plain", on: { click: () => choose(at) } }, [at.strategy, at.scenario, at.device].join(" \u00b7 ")),
              labels[i], show(before), show(after), before > 0 ? saidOf(after / before) : "",
            ])),
        changes.length > MOST_CHANGES && el("p", { class: "quiet" }, `and ${changes.length - MOST_CHANGES} more`));
  };
  const places = el("div", { class: "choices" });
  const choose = (next) => {
    ({ device, scenario } = next);
    replace(places,
        choice("Device", devices, devices.indexOf(device), (i) => { device = devices[i]; draw(); sweepCharts(); }),
        choice("Scenario", scenarios, scenarios.indexOf(scenario), (i) => { scenario = scenarios[i]; draw(); sweepCharts(); }));
    draw();
    sweepCharts();
  };
  choose({ device, scenario });
  view.onChange(({ column, place: chosen }) => {
    if (chosen) choose(chosen);
    else draw();
    if (column !== undefined || all.childElementCount === 0) list();
  });
  return el("div", {}, places, place, all);
}

function missingView({ missing, planned, cells }) {
  return el("div", {}, el("p", {}, `${format.count(missing.length)} of ${format.plural(planned, "cell")} have no report; ${format.count(cells.length)} do.`),
      table(["cell", "why"], missing.slice(0, MOST_MISSING).map(({ name: of, why }) => [name(of), why]), { class: "prose" }),
      missing.length > MOST_MISSING && el("p", { class: "quiet" }, `and ${missing.length - MOST_MISSING} more`));
}

// The sections of stores, oldest first; the last is what the matrix shows.
export function buildStorePage(stores) {
  const view = new StoreView(stores);
  const { store } = view;
  const parts = [
    format.plural(store.cells.length, "report"),
    ...["device", "scenario", "strategy"].map((each) => format.plural(store.along(each).length, each).replace(/strategys$/, "strategies")),
    `vkmembench ${store.tool.version ?? "?"} (${store.label})`,
    stores.length > 1 && `the newest of ${stores.length} commits`, store.file,
  ];
  const head = el("div", { class: "head" }, el("h1", {}, "Devices \u00d7 strategies \u00d7 scenarios"),
      el("p", { class: "quiet" }, parts.filter((part) => part).join(" \u00b7 ")));
  const element = el("div", {}, head,
      section("matrix", "Matrix", matrixView(view)),
      section("cell", "Behind a cell", detailView(view)),
      stores.length > 1 && section("trend", "Over commits", trendView(view)),
      store.missing.length > 0 && section("missing", "What is missing", missingView(store)));
  view.onChange(({ place }) => place && element.querySelector("#cell").scrollIntoView?.({ block: "start" }));
  return { element, close: () => sweepCharts() };
}
