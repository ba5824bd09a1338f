// Strategies side by side; the table is also where the charts' runs are chosen.
import { tableColumns } from "./columns.js";
import { el, name, replace } from "./dom.js";
import { howFar, namesOf } from "./findings.js";
import { text } from "./json.js";
import { MOST_SHOWN } from "./selection.js";

const MOST_ROWS = 100;
const MOST_NOTES = 5;
export const STUBBED = "only the allocator\u2019s own work is timed";
const MARKS = { best: ["\u25b2", "best of its column"], worst: ["\u25bc", "worst of its column"], "": ["", ""] };

// A short line in the run's colour and dash, for legends outside charts.
export function swatch(look) {
  const dash = look.dash.length === 0 ? "solid" : look.dash[0] > 4 ? "dashed" : "dotted";
  return el("span", { class: "swatch", style: { "border-top": `3px ${dash} ${look.css}` } });
}

function cellOf({ text, aside, value, mark, hint }, largest, hasAsides) {
  const [sign, said] = MARKS[mark];
  const share = value !== null && value > 0 && largest > 0 ? value / largest : 0;
  return el("td", { class: mark || undefined, title: [said, hint].filter((part) => part).join("; ") || undefined },
      el("span", { class: "value" }, text), el("span", { class: "mark", "aria-label": said || undefined }, sign),
      hasAsides && el("span", { class: "aside" }, aside),
      el("span", { class: "share", style: { width: `${(share * 100).toFixed(1)}%` } }));
}

// A heading over the columns whose times are of the allocator alone.
function stubHeading(columns) {
  const [first, last] = [columns.findIndex((column) => column.isTimed), columns.findLastIndex((column) => column.isTimed)];
  return el("tr", { class: "over" }, el("th", { colspan: first + 1 }),
      el("th", { colspan: last - first + 1, scope: "colgroup" }, STUBBED), el("th", { colspan: columns.length - last - 1 }));
}

// What marked values leave out, the same for several strategies once.
function notes(runs, columns) {
  const strategies = new Map();
  for (const column of columns) {
    column.cells.forEach(({ of }, i) => {
      if (!of.note) return;
      const note = `${column.title}: ${of.note}`;
      strategies.set(note, [...(strategies.get(note) ?? []), runs[i].name]);
    });
  }
  return [...strategies].slice(0, MOST_NOTES).map(([note, names]) => el("p", { class: "quiet" }, `* ${namesOf(names)}, ${text(note)}.`));
}

export function strategiesView(view) {
  const { runs } = view.report;
  const columns = tableColumns(runs);
  const hasAsides = columns.map((column) => column.cells.some((cell) => cell.aside));
  const largest = columns.map((column) => Math.max(0, ...column.cells.filter((_, i) => !runs[i].isFloor).map((cell) => cell.value ?? 0)));
  const cells = columns.flatMap((column) => column.cells);
  const isNoisy = cells.some(({ value, of }) => value !== null && !of.isExact);
  const hasSpread = cells.some(({ aside }) => aside.startsWith("\u00b1"));
  let order = runs.map((run) => run.index);
  let sorted = null;  // [column, is ascending]
  let wanted = "";
  const body = el("tbody");
  const note = el("p", { class: "quiet" });

  const row = (i) => {
    const run = runs[i];
    const slot = view.selection.slotOf(i);
    const box = el("input", {
      type: "checkbox", "aria-label": `show ${run.name} in the charts`, checked: slot >= 0, disabled: slot < 0 && view.selection.isFull,
      on: { change: () => view.toggle(i) },
    });
    return el("tr", { class: run.isFloor ? "floor" : undefined },
        el("th", { scope: "row" }, el("label", { class: "pick" }, box, slot >= 0 ? swatch(view.look(run)) : el("span", { class: "swatch" }), name(run.name)),
            run.status !== "ok" && el("span", { class: "status" }, ` ${howFar(run, view.report)}`)),
        columns.map((column, k) => cellOf(column.cells[i], largest[k], hasAsides[k])));
  };
  const update = () => {
    const found = order.filter((i) => runs[i].name.toLowerCase().includes(wanted));
    replace(body, found.slice(0, MOST_ROWS).map(row));
    const parts = [`\u25b2 best of its column, \u25bc worst${isNoisy ? ", where 95 % intervals do not overlap" : ""}; a click on a title sorts.`];
    if (hasSpread) parts.push("\u00b1 is half the 95 % interval of the median over the rounds.");
    if (runs.some((run) => run.isFloor)) parts.push("null does nothing: it is the harness's own floor and is never marked.");
    if (found.length > MOST_ROWS) parts.push(`The first ${MOST_ROWS} of ${found.length} strategies are shown; filter by name for the rest.`);
    if (view.selection.isFull) parts.push(`The charts take ${MOST_SHOWN} strategies at most.`);
    note.textContent = parts.join(" ");
  };
  const sortBy = (k, heading) => {
    const ascending = sorted?.[0] === k ? !sorted[1] : true;
    sorted = [k, ascending];
    const key = (i) => columns[k].cells[i].value ?? Infinity;
    order = runs.map((run) => run.index).sort((a, b) => (key(a) === key(b) ? a - b : key(a) < key(b) === ascending ? -1 : 1));
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    update();
  };
  const headings = columns.map((column, k) => {
    const heading = el("th", { scope: "col", title: column.hint }, el("button", { class: "sort", on: { click: () => sortBy(k, heading) } }, column.title));
    return heading;
  });
  const filter = runs.length > 20 && el("label", { class: "choice" }, "Filter by name", el("input", {
    type: "search", on: { input: (event) => { wanted = event.target.value.toLowerCase(); update(); } },
  }));
  update();
  view.onSelection(update);
  return el("div", {}, filter || null,
      el("div", { class: "scroll" }, el("table", { class: "strategies" }, el("thead", {},
          view.report.isStubTimed && stubHeading(columns), el("tr", {}, el("th", { scope: "col" }, "strategy"), headings)), body)), note, notes(runs, columns));
}
