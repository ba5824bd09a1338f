// Everything else: where the report comes from, the strategies' parameters, and every metric.
import { el, lines, name, replace, table } from "./dom.js";
import * as format from "./format.js";
import { memoryFacts } from "./devices.js";
import { text } from "./json.js";
import { figure, titleOfMetric } from "./view_figure.js";

const MOST = 400;
const shownText = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : text(value));

function context(report) {
  const { tool, host, scenario, device } = report;
  const driver = device.driver ?? {};
  return table(
    ["", ""],
    [
      [
        "scenario",
        `${report.scenarioName}, seed ${shownText(scenario.seed)}, ${format.count(scenario.frame_count ?? 0)} frames, ` +
          `${format.count(scenario.event_count ?? 0)} events, trace ${shownText(scenario.trace_hash)}`,
      ],
      [
        "device",
        `${report.deviceName}, ${shownText(device.type)}, Vulkan ${shownText(device.api_version)}, driver ${shownText(driver.name)} ${shownText(driver.info)}`,
      ],
      ...memoryFacts(report).map(([title, facts]) => [title, lines(facts)]),
      [
        "tool",
        `vkmembench ${shownText(tool.version)} (${shownText(tool.git_sha)}, ${shownText(tool.build_type)}, ${shownText(tool.compiler)})`,
      ],
      ["host", `${shownText(host.cpu)}, ${shownText(host.os)}, ${shownText(host.kernel)}`],
      ["command", (report.invocation.argv ?? []).map(text).join(" ")],
      ["created", shownText(report.raw.created_utc)],
      ["clock", report.clock],
      ["file", report.file],
    ],
    { class: "prose" },
  );
}

function everyMetric(view) {
  const place = el("div");
  let wanted = "";
  const update = () => {
    const runs = view.shown();
    const rows = new Map();
    for (const run of runs) {
      for (const values of run.metrics.values()) {
        for (const metric of values) {
          const key = titleOfMetric(metric);
          if (!key.toLowerCase().includes(wanted)) continue;
          if (!rows.has(key)) rows.set(key, new Map());
          rows.get(key).set(run, metric);
        }
      }
    }
    const shown = [...rows].slice(0, MOST);
    const cells = ([key, values]) => [key, ...runs.map((run) => values.has(run) && figure(run, values.get(run)))];
    replace(place, table(["metric", ...runs.map((run) => run.name)], shown.map(cells)),
        rows.size > MOST && el("p", { class: "quiet" }, `${rows.size - MOST} more: filter by name.`));
  };
  view.onSelection(update);
  update();
  const input = (event) => {
    wanted = event.target.value.toLowerCase();
    update();
  };
  return [el("label", { class: "choice" }, "Filter", el("input", { type: "search", placeholder: "frag", on: { input } })), place];
}

// A fold whose content is made when it is first opened.
function fold(title, make) {
  const details = el(
    "details",
    {
      on: {
        toggle: () => {
          if (details.open && details.childElementCount === 1) details.append(...[make()].flat());
        },
      },
    },
    el("summary", {}, title),
  );
  return details;
}

export function detailsView(view) {
  return el("div", {},
      context(view.report),
      fold("Parameters of the strategies shown", () => el("div", {}, view.shown().map((run) => el("div", {}, el("h3", {}, name(run.name)),
          table(["parameter", "value"], Object.entries(run.parameters).map(([key, value]) => [key, shownText(value)])))))),
      fold("Every metric of the strategies shown", () => everyMetric(view)));
}
