// The columns of the strategy table, and which of their cells are best and worst.
import * as format from "./format.js";
import { canWin, contest, isClear, reading, sumOf, textsOf, unbeaten } from "./reading.js";

// Vulkan calls that a strategy made.
function driverCalls(run) {
  const ids = [...run.metrics.keys()].filter((id) => id.startsWith("api.") && id.endsWith("_count"));
  return sumOf(ids.map((id) => reading(run, id)), "driver calls were not counted");
}

// What single creations are timed of in these runs.
export function createdOf(runs) {
  const hasBuffers = runs.some((run) => run.metric("time.create_buffer_ns.p50"));
  return hasBuffers ? { what: "buffer", id: "time.create_buffer_ns" } : { what: "image", id: "time.create_image_ns" };
}

// The columns for these runs: each has title, hint, isTimed, and a cell {of, value, text, aside, hint, mark} a run.
export function tableColumns(runs) {
  const { what, id: create } = createdOf(runs);
  const column = (title, hint, show, read, isTimed = false) => ({ title, hint, show, read, isTimed });
  const metric = (title, hint, show, id) => column(title, hint, show, (run) => reading(run, id));
  const time = (title, hint, id) => column(title, hint, format.ns, (run) => reading(run, id), true);
  // Where a percentile has too few samples, their maximum and number stand for it.
  const lacks = (id) => runs.some((run) => reading(run, `${id}.p99`).needs > 0);
  const most = (title, id) => (lacks(id) ? `${title} of ${format.count(runs.reduce((n, run) => Math.max(n, reading(run, `${id}.max`).n), 0))}` : title);
  const columns = [
    metric("reserved", "Most bytes of VkDeviceMemory held at once", format.bytes, "mem.reserved_peak_bytes"),
    metric("/ live", "Reserved over the most bytes that live objects required; 1.00 is the floor", format.ratio, "mem.reserved_over_live_ratio"),
    metric("frag", "1 \u2212 largest free range / free bytes, at peak reserve", format.percent, "frag.external_ratio"),
    metric("blocks", "Most blocks of device memory at once", format.count, "api.device_memory_objects_peak"),
    column("calls", "Vulkan calls that the strategy made", format.count, driverCalls),
    time(`${what} p50`, `Median time to create, place and bind one ${what}`, `${create}.p50`),
    !lacks(create) && time("p99", `99 % of the ${what}s were created at least this fast`, `${create}.p99`),
    time(most("max", create), `The slowest creation of one ${what}`, `${create}.max`),
    lacks("time.frame_ns") ? time(most("frame max", "time.frame_ns"), "Most time inside the strategy in one frame", "time.frame_ns.max")
        : time("frame p99", "Time inside the strategy in one frame; 99 % of the frames took at most this", "time.frame_ns.p99"),
    { ...metric("failed", "Requests that the strategy refused", format.count, "alloc.failed_count"), competes: canWin },
  ].filter((column) => column);
  for (const column of columns) {
    column.cells = runs.map((run) => {
      const of = column.read(run);
      return { of, value: of.value, ...textsOf(of, column.show, run.rounds), mark: "" };
    });
    mark(runs, column);
  }
  return columns;
}

// Marks best and worst where noise cannot be the reason; less is better in every column.
function mark(runs, column) {
  const entries = contest(runs, column.cells.map((cell) => cell.of), column.show, column.competes);
  const [best, worst] = [unbeaten(entries, 1), unbeaten(entries, -1)];
  const worse = new Set(worst);
  if (best.some((entry) => worse.has(entry))) return;
  for (const [entries, mark] of [[best, "best"], [worst, "worst"]]) {
    if (isClear(entries)) for (const { i } of entries) column.cells[i].mark = mark;
  }
}
