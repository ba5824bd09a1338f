// The columns of the strategy table, and which of their cells are best and worst.
import * as format from "./format.js";

const metric = (id) => (run) => ({ value: run.value(id), reason: run.metric(id)?.reason ?? "not measured in this run" });

// Vulkan calls that a strategy made.
function driverCalls(run) {
  let sum = null;
  for (const id of run.metrics.keys()) {
    if (id.startsWith("api.") && id.endsWith("_count")) sum = (sum ?? 0) + (run.value(id) ?? 0);
  }
  return { value: sum, reason: "driver calls were not counted" };
}

// The columns for these runs: each has title, hint, format, `better`, and a cell {value, text, reason, mark} a run.
export function tableColumns(runs) {
  const hasBuffers = runs.some((run) => run.metric("time.create_buffer_ns.p50"));
  const create = hasBuffers ? "time.create_buffer_ns" : "time.create_image_ns";
  const what = hasBuffers ? "buffer" : "image";
  const column = (title, hint, show, cell, better = "lower") => ({ title, hint, show, cell, better });
  const columns = [
    column("reserved", "Most bytes of VkDeviceMemory held at once", format.bytes, metric("mem.reserved_peak_bytes")),
    column("/ live", "Reserved over the most bytes that live objects required; 1.00 is the floor", format.ratio, metric("mem.reserved_over_live_ratio")),
    column("frag", "1 \u2212 largest free range / free bytes, at peak reserve", format.percent, metric("frag.external_ratio")),
    column("blocks", "Most blocks of device memory at once", format.count, metric("api.device_memory_objects_peak")),
    column("calls", "Vulkan calls that the strategy made", format.count, driverCalls),
    column(`${what} p50`, `Median time to create, place and bind one ${what}`, format.ns, metric(`${create}.p50`)),
    column("p99", `99 % of the ${what}s were created at least this fast`, format.ns, metric(`${create}.p99`)),
    column("max", `The slowest creation of one ${what}`, format.ns, metric(`${create}.max`)),
    column("frame p99", "Time inside the strategy in one frame; 99 % of the frames took at most this", format.ns, metric("time.frame_ns.p99")),
    column("failed", "Requests that the strategy refused", format.count, metric("alloc.failed_count")),
  ];
  for (const column of columns) {
    column.cells = runs.map((run) => {
      const { value, reason } = column.cell(run);
      return value === null ? { value, text: "n/a", reason, mark: "" } : { value, text: column.show(value), reason: "", mark: "" };
    });
    mark(column, runs);
  }
  return columns;
}

// Marks best and worst among the strategies proper that ran to their end, where what is shown differs.
function mark(column, runs) {
  const cells = column.cells.filter((cell, i) => cell.value !== null && !runs[i].isFloor && runs[i].status === "ok");
  if (cells.length === 0) return;
  const low = cells.reduce((a, b) => (b.value < a.value ? b : a)).text;
  const high = cells.reduce((a, b) => (b.value > a.value ? b : a)).text;
  if (low === high) return;
  const best = column.better === "lower" ? low : high;
  for (const cell of cells) {
    if (cell.text === low || cell.text === high) cell.mark = cell.text === best ? "best" : "worst";
  }
}
