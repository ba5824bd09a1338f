// The top of the page: what went wrong, and who is best at what.
import { el, name } from "./dom.js";
import { findings, namesOf, winners } from "./findings.js";

const MOST = 8;
const LEVELS = { problem: ["\u2716", "Problem"], warning: ["\u26a0", "Warning"], note: ["\u2139", "Note"], good: ["\u2714", "Good"] };

const line = ({ level, text }) => el("li", { class: `finding ${level}` },
    el("span", { class: "level" }, el("span", { "aria-hidden": "true" }, LEVELS[level][0]), ` ${LEVELS[level][1]}`), el("span", {}, text));

const who = ([first, ...others]) => [name(first), others.length > 0 && el("span", { class: "quiet" }, ` and ${others.length} more`)];

export function summaryView({ report }) {
  const all = findings(report);
  const best = winners(report);
  return el("div", {},
      best.length > 0 && el("div", { class: "cards" }, best.map((card) => el("div", { class: "card" },
          el("h3", {}, card.title),
          card.isTie ? el("p", { class: "tie" }, `${card.text}: `, el("span", { class: "who" }, namesOf(card.names)))
              : [el("p", { class: "figure" }, card.text, card.aside && el("span", { class: "aside" }, ` ${card.aside}`)),
                el("p", { class: "who" }, who(card.names))],
          el("p", { class: "quiet" }, card.note)))),
      el("ul", { class: "findings" }, all.slice(0, MOST).map(line)),
      all.length > MOST && el("details", {}, el("summary", {}, `${all.length - MOST} more`), el("ul", { class: "findings" }, all.slice(MOST).map(line))));
}
