// Line charts on uPlot in the page's colours: they follow the width of their place and the theme, and the legend below
// reads the values under the pointer.
import uPlot from "uplot";

import { el } from "./dom.js";
import * as format from "./format.js";
import { color, onTheme } from "./theme.js";

const FONT = "12px system-ui, sans-serif";
const charts = new Map();  // place -> {fit, stop}
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target)?.fit();
});

// Calls `fit` whenever the width of a place changes, until the place is gone from the document; then `stop`.
export function keep(place, fit, stop) {
  charts.set(place, { fit, stop: () => { resized.unobserve(place); stop(); } });
  resized.observe(place);
}

// Charts of pages gone from the document let go of their listeners.
export function sweepCharts() {
  for (const [place, chart] of charts) {
    if (place.isConnected) continue;
    chart.stop();
    charts.delete(place);
  }
}

const withAlpha = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

// Vertical lines with names above: [{x, text}]. Names that would overlap are left out.
function markers(list) {
  return (u) => {
    const { ctx } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = color("faint");
    ctx.fillStyle = color("quiet");
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    let free = -Infinity;
    for (const { x, text } of [...list].sort((a, b) => a.x - b.x)) {
      const at = u.valToPos(x, "x", true);
      if (at < u.bbox.left || at > u.bbox.left + u.bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(at, u.bbox.top);
      ctx.lineTo(at, u.bbox.top + u.bbox.height);
      ctx.stroke();
      const width = ctx.measureText(text).width;
      const left = Math.min(at + 4 * ratio, u.bbox.left + u.bbox.width - width);
      if (left < free) continue;
      ctx.fillText(text, left, u.bbox.top - 13 * ratio);
      free = left + width + 8 * ratio;
    }
    ctx.restore();
  };
}

// The texts of ticks on the x axis, null for those that would touch their neighbour on the right.
function withRoom(u, splits, texts) {
  u.ctx.save();
  u.ctx.font = FONT;
  let free = Infinity;
  const kept = texts.map(() => null);
  for (let i = texts.length - 1; i >= 0; --i) {
    if (!texts[i]) continue;
    const half = u.ctx.measureText(texts[i]).width / 2;
    const at = u.valToPos(splits[i], "x");
    if (at + half > free) continue;
    kept[i] = texts[i];
    free = at - half - 6;
  }
  u.ctx.restore();
  return kept;
}

// The chart as an element. lines: [{label, values, look: () => {color, dash}, fill, width}]; x and y: {label, name (in the
// legend), format, tick (format on the axis), log, splits, incrs, range}; `marks` are vertical lines;
// charts of one `sync` share their pointer. `describe` is for those who cannot see it.
export function chart({ xs, lines, x, y, marks = [], sync, height = 260, describe, stepped = false }) {
  const place = el("div", { class: "chart", role: "img", "aria-label": describe });
  let plot = null;
  const axis = (options, side) => ({
    stroke: color("quiet"), font: FONT, labelFont: FONT, label: options.label, labelSize: 18, size: side === 3 ? 72 : 34, gap: 4,
    grid: { stroke: color("grid"), width: 1 }, ticks: { stroke: color("grid"), width: 1, size: 5 },
    values: (u, splits) => {
      const texts = splits.map((value) => (value === null ? null : (options.tick ?? options.format)(value)));
      return side === 2 && options.splits ? withRoom(u, splits, texts) : texts;
    },
    ...(options.splits ? { splits: options.splits, filter: (_, splits) => splits } : {}),
    ...(options.incrs ? { incrs: options.incrs } : {}),
  });
  const scale = (options) => ({ time: false, ...(options.log ? { distr: 3, log: 10 } : {}), ...(options.range ? { range: options.range } : {}) });
  const size = () => ({ width: Math.max(200, Math.floor(place.clientWidth)), height });
  const draw = () => {
    plot?.destroy();
    const options = {
      ...size(),
      padding: [18, 30, 0, 0],  // half of a tick's text stands out at the right
      cursor: { sync: sync ? { key: sync } : undefined, points: { size: 6 }, drag: { x: true, y: false } },
      legend: { live: true },
      scales: { x: scale(x), y: scale(y) },
      axes: [axis(x, 2), axis(y, 3)],
      series: [
        { label: x.name ?? x.label, value: (_, value) => (value === null ? "\u2013" : x.format(value)) },
        ...lines.map((line) => {
          const look = line.look();
          return {
            label: line.label, stroke: look.color, dash: look.dash, width: line.width ?? 1.75, spanGaps: line.spanGaps ?? false,
            fill: line.fill ? withAlpha(look.color, 0.12) : undefined, points: { show: line.points ?? false, size: 6 },
            paths: stepped && !line.spanGaps ? uPlot.paths.stepped({ align: 1 }) : undefined,
            value: (_, value) => (value === null ? "\u2013" : y.format(value)),
          };
        }),
      ],
      hooks: { drawClear: marks.length > 0 ? [markers(marks)] : [] },
    };
    plot = new uPlot(options, [xs, ...lines.map((line) => line.values)], place);
  };
  const fit = () => {
    if (place.clientWidth === 0) return;
    if (plot === null) draw();
    else if (plot.width !== size().width) plot.setSize(size());
  };
  const stopTheme = onTheme(() => plot !== null && draw());
  keep(place, fit, () => { stopTheme(); plot?.destroy(); });
  return place;
}

// Axes of bytes: ticks at decimal steps would read badly as KiB.
export const BYTES = { format: format.bytes, tick: (value) => format.bytes(value).replace(/\.0+ /, " "), incrs: Array.from({ length: 60 }, (_, i) => 2 ** i) };
