// Reports of one scenario and device side by side, before and after say: what they were made with and what changed.
import { barrier, commonRuns, difference, differenceText, fileNames, runOf, whatDiffers } from "./compare.js";
import { choice, el, name, replace, table } from "./dom.js";
import { baselineOf } from "./findings.js";
import * as format from "./format.js";
import { columnsFor } from "./metrics.js";
import { readingOf } from "./reading.js";
import { figure, titleOfMetric } from "./view_figure.js";

const MOST = 300;
const SHOWN = [["what differs beyond noise", ["beyond"]], ["all that differs", ["beyond", "within", "unknown", "none"]], ["every metric", null]];
const SIGNS = new Map([[true, ["best", "\u25b2", "better"]], [false, ["worst", "\u25bc", "worse"]]]);

function differenceCell(base, other, show) {
  const found = difference(base, other);
  const isExact = base.metric !== undefined && readingOf(base.run, base.metric).isExact;
  const { text, note } = differenceText(found, show, isExact);
  const [kind, sign, said] = SIGNS.get(found.isBetter) ?? ["", "", ""];
  return el("span", { class: kind || undefined }, el("span", { class: "value" }, text), el("span", { class: "mark", "aria-label": said || undefined }, sign),
      note && el("span", { class: "aside" }, ` ${note}`));
}

function oldest(reports) {
  const times = reports.map((report) => String(report.raw.created_utc ?? ""));
  return times.indexOf(times.reduce((a, b) => (b < a ? b : a)));
}

// The strategy of which most headlines differ between two reports; the baseline where none does.
function mostChanged(reports, runs) {
  const changes = (name) => columnsFor("choice").reduce((sum, { id }) => {
    const [from, to] = reports.map((report) => ({ report, run: runOf(report, name), metric: runOf(report, name).metric(id) }));
    return sum + (difference(from, to).kind === "beyond");
  }, 0);
  const first = baselineOf(runs.map((each) => runOf(reports[0], each))).name;
  return [first, ...runs.slice(0, MOST)].reduce((a, b) => (changes(b) > changes(a) ? b : a));
}

export function reportsView(view, reports) {
  const files = fileNames(reports);
  const runs = commonRuns(reports);
  if (runs.length === 0) return el("p", { class: "quiet" }, "The reports have no strategy in common.");
  let base = oldest(reports);
  const choices = columnsFor("choice");
  let headline = choices[0];
  let strategy = mostChanged(reports, runs);
  let shown = SHOWN[0];
  const places = { facts: el("div"), strategies: el("div"), metrics: el("div", { class: "long" }) };

  // The cells of one metric: the base's value, then each other's with its difference.
  const sideOf = (i, run, id, scope) => ({ report: reports[i], run: runOf(reports[i], run), metric: runOf(reports[i], run).metric(id, scope) });
  const others = () => reports.map((_, i) => i).filter((i) => i !== base);
  const headings = () => [el("bdi", {}, files[base]), ...others().flatMap((i) => [el("bdi", {}, files[i]), "difference"])];
  const cells = (run, id, scope, show) => {
    const from = sideOf(base, run, id, scope);
    const value = (side) => figure(side.run, side.metric, show);
    return [value(from), ...others().flatMap((i) => {
      const to = sideOf(i, run, id, scope);
      return [value(to), differenceCell(from, to, show)];
    })];
  };

  const showFacts = () => {
    const rows = whatDiffers(reports);
    if (rows.length === 0) return replace(places.facts, el("p", { class: "quiet" }, "Made with the same tool, parameters and trace."));
    const cells = rows.slice(0, MOST).map(([what, ...values]) => [name(what), ...values.map((value) => value || "\u2013")]);
    return replace(places.facts, table(["made with", ...files.map((file) => el("bdi", {}, file))], cells, { class: "facts" }));
  };
  const showStrategies = () => {
    const { id, show } = headline;
    const rows = runs.slice(0, MOST).map((run) => [name(run), ...cells(run, id, undefined, show)]);
    replace(places.strategies, table(["strategy", ...headings()], rows, { class: "compared" }));
  };
  const showMetrics = () => {
    const metrics = reports.flatMap((report) => [...runOf(report, strategy).metrics.values()].flat());
    const kindsOf = ({ id, scope }) => {
      const from = sideOf(base, strategy, id, scope);
      return others().map((i) => difference(from, sideOf(i, strategy, id, scope)).kind);
    };
    const all = [...new Map(metrics.map((metric) => [titleOfMetric(metric), metric]))].map(([title, metric]) => ({ title, metric, kinds: kindsOf(metric) }));
    const rows = all.filter(({ kinds }) => shown[1] === null || kinds.some((kind) => shown[1].includes(kind)));
    const barred = [...new Set(others().map((i) => barrier(reports[base], reports[i])))].filter((why) => why);
    const number = (kind) => all.filter(({ kinds }) => kinds.every((each) => each === kind)).length;
    replace(places.metrics,
        rows.length === 0 && el("p", {}, barred.length > 0 ? `Nothing: ${barred.join(", ")}.` : "Nothing."),
        rows.length > 0 && table(["metric", ...headings()], rows.slice(0, MOST).map(({ title, metric }) =>
          [title, ...cells(strategy, metric.id, metric.scope, (value) => format.inUnit(value, metric.unit))]), { class: "compared" }),
        rows.length > MOST && el("p", { class: "quiet" }, `${rows.length - MOST} more are not shown.`),
        el("p", { class: "quiet" }, `Of ${format.plural(all.length, "metric")} ${format.count(number("same"))} are the same and `,
            `${format.count(number("within"))} differ within noise. \u25b2 better, \u25bc worse than `, el("bdi", {}, files[base]), "."));
  };
  const showAll = () => { showFacts(); showStrategies(); showMetrics(); };
  showAll();
  return el("div", {},
      reports.length > 1 && choice("Compare with", files, base, (i) => { base = i; showAll(); }), places.facts,
      el("h3", {}, "By strategy"),
      choice("Metric", choices.map((each) => each.name), 0, (i) => { headline = choices[i]; showStrategies(); }), places.strategies,
      el("h3", {}, "By metric"), el("div", { class: "controls" },
          choice("Strategy", runs, runs.indexOf(strategy), (i) => { strategy = runs[i]; showMetrics(); }),
          choice("Show", SHOWN.map(([title]) => title), 0, (i) => { shown = SHOWN[i]; showMetrics(); })), places.metrics);
}
