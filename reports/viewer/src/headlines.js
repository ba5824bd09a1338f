// The few metrics by which strategies are compared across reports: [title, id, format, whether devices share its scale].
import * as format from "./format.js";

export const HEADLINES = [
  ["reserved memory", "mem.reserved_peak_bytes", format.bytes, true],
  ["reserved / live", "mem.reserved_over_live_ratio", format.ratio, true],
  ["fragmentation", "frag.external_ratio", format.percent, true],
  ["frame p99", "time.frame_ns.p99", format.ns, false],
  ["create a buffer, p99", "time.create_buffer_ns.p99", format.ns, false],
  ["create an image, p99", "time.create_image_ns.p99", format.ns, false],
  ["driver time", "time.driver_ns", format.ns, false],
];
