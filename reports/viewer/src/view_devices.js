// One scenario across devices: bytes side by side, times only against each device's own baseline.
import { chart } from "./chart.js";
import { acrossDevices, memoryFacts, rankFlips, shortNames } from "./devices.js";
import { choice, el, lines, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { columnsFor } from "./metrics.js";
import { isTime } from "./reading.js";
import { lookOf } from "./theme.js";
import { swatch } from "./view_strategies.js";

const times = (ratio) => (ratio === null ? "" : `${ratio.toFixed(2)} \u00d7`);

// Reports of the same scenario as the page's, one a device.
export function devicesView(view, reports) {
  const place = el("div");
  const choices = columnsFor("choice");
  let chosen = choices[0];
  const update = () => {
    const { id, name: title, show, metric } = chosen;
    const { baseline, rows } = acrossDevices(reports, id, show);
    const flips = rankFlips(reports, id);
    const short = shortNames(reports, Math.max(8, Math.floor(88 / reports.length)));  // as many as fit the axis
    const clocks = new Set(reports.map((report) => report.clock));
    const isDrawable = rows.some((row) => row.cells.some((cell) => cell.ratio > 0));
    replace(place,
        isTime(metric) && el("p", { class: "quiet" }, `Times of two devices are not comparable: read the ratio to the device's own ${baseline}.`,
            clocks.size > 1 && " The reports also use different clocks."),
        table(["strategy", ...reports.map((report) => report.deviceName)], rows.map((row, i) => [
          [swatch(lookOf(i)), name(row.name)],
          ...row.cells.map((cell) => el("span", { class: cell.isLeast ? "best" : undefined },
              el("span", { class: "value" }, cell.text), cell.aside && el("span", { class: "aside" }, ` ${cell.aside}`),
              el("span", { class: "quiet" }, ` ${times(cell.ratio)}`),
              cell.isLeast && el("span", { class: "mark", "aria-label": "least on this device" }, " \u25b2"))),
        ]), { class: "wrap" }),
        el("p", { class: "quiet" }, `\u00d7: times ${baseline} on the same device; \u25b2 least on its device, where noise cannot be the reason.`),
        el("h3", {}, "Where the ranking flips"),
        flips.length === 0 ? el("p", {}, "Nowhere: the strategies rank alike on all devices (differences below 2 % aside).")
            : [el("ul", {}, flips.slice(0, 8).map((text) => el("li", {}, text))),
              flips.length > 8 && el("p", { class: "quiet" }, `and ${flips.length - 8} more pairs.`)],
        isDrawable && el("figure", {}, el("figcaption", {}, `${title} as a multiple of ${baseline}`,
            el("span", { class: "quiet" }, " \u2013 lines that cross rank differently.")), chart({
          xs: reports.map((_, i) => i), height: 300,
          lines: rows.map((row, i) => (
            { label: row.name, values: row.cells.map((cell) => (cell.ratio > 0 ? cell.ratio : null)), look: () => lookOf(i), points: true })),
          x: { label: "device", format: (i) => (Number.isInteger(i) ? (short[i] ?? "") : ""), splits: () => reports.map((_, i) => i),
            range: [-0.3, reports.length - 0.7] },
          y: { label: "ratio", format: (value) => (value >= 10 ? format.count(value) : value.toFixed(value < 1 ? 2 : 1)), log: true },
          describe: `${title} of each strategy on ${reports.map((report) => report.deviceName).join(", ")}`,
        })));
  };
  update();
  const facts = reports.map(memoryFacts);
  return el("div", {},
      choice("Compare", choices.map((each) => each.name), 0, (i) => { chosen = choices[i]; update(); }), place,
      el("h3", {}, "The devices' memory"),
      table(["", ...reports.map((report) => report.deviceName)],
          facts[0].map(([title], i) => [title, ...facts.map((fact) => lines(fact[i][1]))]), { class: "prose wrap" }));
}
