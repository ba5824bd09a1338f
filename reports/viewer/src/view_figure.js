// A figure as it stands in tables: what is known of its noise beside it.
import { el } from "./dom.js";
import * as format from "./format.js";
import { readingOf, textsOf } from "./reading.js";

// A metric's id, with its scope.
export const titleOfMetric = ({ id, scope }) => id + (scope ? ` {${Object.entries(scope).map(([kind, of]) => `${kind} ${of}`).join()}}` : "");

// A metric of a run, by default in its own unit.
export function figure(run, metric, show = (value) => format.inUnit(value, metric.unit)) {
  const { text, aside, hint } = textsOf(readingOf(run, metric), show, run.rounds);
  return el("span", { title: hint }, text, aside && el("span", { class: "aside" }, ` ${aside}`));
}
