// Which strategy to take, and why: those that no other beats, drawn as reserve against driver time.
import { pointsOf } from "./advice.js";
import { BYTES } from "./chart.js";
import { el, name } from "./dom.js";
import * as format from "./format.js";
import { scatter } from "./scatter.js";

const short = (show) => (value) => show(value).replace(/\.0+ /, " ");

// Figures stay with their units.
const unbroken = (text) => text.replace(/(\d) (?=\S)/g, "$1\u00a0");
const names = ({ strategy, alike }) => [name(strategy), alike.length > 0 && el("span", { class: "quiet" }, ` and, alike, ${alike.join(", ")}`)];

export function adviceView({ report }) {
  const { base, front, beaten, questions } = report.advice;
  const { points, line } = pointsOf(report);
  const lost = beaten.filter(({ by }) => by !== "");
  const out = beaten.filter(({ by }) => by === "");
  return el("div", { class: "advice" },
      el("div", {},
          el("p", {}, `No other strategy beats ${front.length === 1 ? "this one" : "these"} in all of reserve, driver time, worst create and frames`,
              `${base ? `; against ${base}` : ""}:`),
          el("div", { class: "choices" }, front.map((choice) => [el("p", { class: "who" }, names(choice)), el("p", {}, unbroken(choice.text))])),
          lost.length > 0 && el("p", { class: "quiet" }, `Beaten: ${lost.map(({ strategy, by }) => `${strategy} by ${by}`).join(", ")}.`),
          out.length > 0 && el("p", { class: "quiet" }, `Not compared: ${out.map(({ strategy, why }) => `${strategy}${why ? ` (${why})` : ""}`).join(", ")}.`)),
      el("div", {},
          points.length > 1 && drawing(points, line),
          questions.length > 0 && [el("h3", {}, "What only you can answer"), el("ul", {}, questions.map((question) => el("li", {}, unbroken(question))))]));
}

function drawing(points, line) {
  const aside = points.filter((point) => !point.isFaint && !line.includes(point));
  return el("figure", {},
      el("figcaption", {}, "Reserve against driver time", el("span", { class: "quiet" }, " \u2013 down and to the left is better; grey is beaten.")),
      scatter({
        points, line, x: { label: "time in the driver, all of the run", tick: short(format.ns) },
        y: { label: "reserved at the peak", tick: BYTES.tick, binary: true },
        describe: `Reserved bytes against driver time: ${points.map(({ title }) => title).join("; ")}`,
      }),
      aside.length > 0 && el("p", { class: "quiet" },
          `Off the line, but surely beaten in all four by nobody: ${aside.map(({ label }) => label).join(", ")}.`));
}
