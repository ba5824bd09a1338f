// Elements without markup: whatever a report says becomes text, so nothing in it can be a tag.

// The same for drawings, without listeners.
export function svg(tag, properties = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
  add(element, children);
  return element;
}

// A child is a node, a text or number, or nothing (null, undefined, false). `on` maps events to listeners.
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (key === "style") for (const [name, text] of Object.entries(value)) element.style.setProperty(name, text);
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

export function replace(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

// A name of the user's: kept apart from the text around it, whatever direction it is written in, and cut when long.
export const name = (text, properties = {}) => el("bdi", { class: "name", title: text, ...properties }, text === "" ? "(no name)" : text);

// Texts below each other.
export const lines = (texts) => texts.map((text) => el("div", {}, text));

// A labelled choice; calls `chosen` with the index. On paper what is chosen stands in its place.
export function choice(label, options, selected, chosen) {
  const taken = el("bdi", { class: "taken" });
  const select = el(
    "select",
    {
      on: {
        change: () => {
          replace(taken, options[select.selectedIndex]);
          chosen(select.selectedIndex);
        },
      },
    },
    options.map((option) => el("option", {}, option)),
  );
  select.selectedIndex = selected;
  replace(taken, options[selected]);
  return el("label", { class: "choice" }, label, select, taken);
}

// rows: arrays of cells (nodes or texts); the first column is the row's heading.
export function table(headings, rows, properties = {}) {
  return el("div", { class: "scroll" }, el("table", properties,
      el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)))),
      el("tbody", {}, rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell)))))));
}
