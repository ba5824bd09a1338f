// Starts the page: the reports that the file carries, and those that people drop on it or pick.
import { fileNames, sameDevice } from "./compare.js";
import { choice, el, replace } from "./dom.js";
import { takeMetrics } from "./metrics.js";
import { buildPage } from "./page.js";
import { buildStorePage } from "./page_store.js";
import { readReport } from "./report.js";
import { readStore } from "./store.js";
import { isDark, onTheme, startTheme, toggleTheme } from "./theme.js";

const reports = [];
const stores = [];
const problems = [];
let current = null;  // {element, close}
let shown = 0;

const bar = el("header", { class: "bar" });
const messages = el("div", { role: "alert" });
const body = el("div", { class: "page" });
const picker = el("input", {
  type: "file",
  accept: ".json,application/json",
  multiple: true,
  hidden: true,
  on: { change: () => openFiles([...picker.files]) },
});

function take(json, file) {
  try {
    reports.push(readReport(json, file));
    return true;
  } catch (error) {
    problems.push(error.message);
    return false;
  }
}

async function openFiles(files) {
  const first = reports.length;
  problems.length = 0;
  for (const file of files) {
    try {
      take(await file.text(), file.name);
    } catch (error) {
      problems.push(`${file.name}: cannot be read (${error.message}); a folder's files are dropped one by one`);
    }
  }
  picker.value = "";
  show(reports.length > first ? first : shown);
  scrollTo(0, 0);
}

// Reports of one scenario and device are told apart by their files.
function titleOf(report) {
  const alike = sameDevice(reports, report);
  return `${report.scenarioName} on ${report.deviceName}${alike.length > 1 ? ` \u2013 ${fileNames(alike)[alike.indexOf(report)]}` : ""}`;
}

function drawBar() {
  replace(bar,
      el("span", { class: "brand" }, "vkmembench"),
      reports.length > 1 ? choice("Report", reports.map((report, i) => `${i + 1}. ${titleOf(report)}`), shown, show) : el("span", { class: "spring" }),
      el("button", { title: "Open reports; they can also be dropped anywhere on this page", on: { click: () => picker.click() } }, "Open\u2026"),
      el("button", { on: { click: () => print() } }, "Print"),
      el("button", { class: "theme", "aria-label": "switch between light and dark", on: { click: toggleTheme } }, isDark() ? "\u2600 Light" : "\u263e Dark"));
}

function show(index) {
  shown = index;
  replace(messages, problems.map((text) => el("p", { class: "finding problem" }, text)));
  current?.element.remove();
  current?.close();
  current = reports.length > 0 ? buildPage(reports, index) : stores.length > 0 ? buildStorePage(stores) : {
    element: el("div", { class: "empty" }, el("h1", {}, "No report yet"),
        el("p", {}, "Drop reports of vkmembench (.json) anywhere on this page, or "), el("button", { on: { click: () => picker.click() } }, "open them\u2026")),
    close: () => {},
  };
  drawBar();
  body.append(current.element);
  const title = reports.length > 0 ? titleOf(reports[index]) : stores.at(-1)?.file;
  document.title = title === undefined ? "vkmembench report" : `${title} \u2013 vkmembench`;
}

function acceptDrops() {
  const root = document.documentElement;
  const accept = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    root.classList.add("dropping");
  };
  addEventListener("dragenter", accept);
  addEventListener("dragover", accept);
  addEventListener("dragleave", (event) => event.relatedTarget === null && root.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    root.classList.remove("dropping");
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    openFiles([...event.dataTransfer.files]);
  });
}

startTheme();
takeMetrics(JSON.parse(document.getElementById("metrics").textContent));
for (const script of document.querySelectorAll("script.store")) stores.push(readStore(script.textContent, script.dataset.file ?? "store"));
for (const script of document.querySelectorAll("script.report")) take(script.textContent, script.dataset.file ?? "report");
document.body.append(bar, picker, messages, body);
onTheme(drawBar);
acceptDrops();
show(0);
document.documentElement.dataset.ready = performance.now().toFixed(0);
