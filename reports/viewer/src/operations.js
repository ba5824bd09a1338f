// What a report has times of, in words.

const TITLES = {
  "time.create_buffer_ns": "create a buffer", "time.create_image_ns": "create an image", "time.batch_ns": "create a batch",
  "time.defrag_pass_ns": "defragmentation pass", "time.frame_ns": "all of a frame",
};

// The histograms of times of any run, in the order of the report.
export function timesOf(report) {
  const ids = report.runs.flatMap((run) => run.histograms.map((histogram) => histogram.id));
  return [...new Set(ids)].filter((id) => /^time\..+_ns$/.test(id));
}
// Without a title of its own, the words of its name.
export const titleOf = (id) => TITLES[id] ?? id.slice("time.".length, -"_ns".length).replaceAll("_", " ");
