// A memory map drawn on a canvas, with what is under the pointer named. What a span means is the caller's: `colorOf(block,
// i)` and `describe(block, i)`; ranges between spans are free, or what the report left out.
import { el, replace } from "./dom.js";
import * as format from "./format.js";
import { at, bytesPerRow, groupBlocks, hit, layOut, ROW } from "./map_layout.js";
import { color, onTheme } from "./theme.js";

const places = new Map();  // canvas place -> draw
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) places.get(target)?.();
});

export function sweepMaps() {
  for (const [place, draw] of places) {
    if (place.isConnected) continue;
    draw.stop();
    resized.unobserve(place);
    places.delete(place);
  }
}

// Stripes of one colour on another.
function hatching(ctx, back, front) {
  const size = 6;
  const tile = el("canvas", { width: size, height: size });
  const draw = tile.getContext("2d");
  draw.fillStyle = back;
  draw.fillRect(0, 0, size, size);
  draw.strokeStyle = front;
  draw.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    draw.moveTo(shift - 1, size + 1);
    draw.lineTo(shift + size + 1, -1);
  }
  draw.stroke();
  return ctx.createPattern(tile, "repeat");
}

// {element, show(model)}; model: {blocks, groupName(block), colorOf, describe, blockTitle(block), rows or perRow (bytes), and
// hasUnknownGaps where ranges between spans may be in use}.
export function memoryMap(label) {
  const canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": label });
  const tip = el("div", { class: "tip", role: "status", hidden: true });
  const place = el("div", { class: "map" }, canvas, tip);
  let model = null;
  let layout = null;
  let pointed = null;  // {block, i} or {block, range}

  const draw = () => {
    const width = place.clientWidth;
    if (model === null || width === 0) return;
    const groups = groupBlocks(model.blocks, model.groupName);
    layout = layOut(groups, width, model.perRow ?? bytesPerRow(groups, model.rows));
    const ratio = devicePixelRatio;
    canvas.width = Math.max(1, Math.floor(width * ratio));
    canvas.height = Math.max(1, Math.floor(layout.height * ratio));
    canvas.style.height = `${layout.height}px`;
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    ctx.font = "12px system-ui, sans-serif";
    ctx.textBaseline = "alphabetic";
    const [free, quiet, edge] = ["free", "quiet", "edge"].map(color);
    const hatch = hatching(ctx, free, color("hidden"));
    for (const { y, group } of layout.headings) {
      ctx.fillStyle = quiet;
      const blocks = format.plural(group.blocks[0].number ?? group.blocks.length, "block");
      ctx.fillText(`${group.title} \u2013 ${blocks}, ${format.bytes(group.bytes)}`, 0, y + 15, width);
    }
    for (const segment of layout.segments) drawSegment(ctx, segment, { free, edge, hatch });
    if (pointed) outline(ctx);
  };
  // Whether what lies between a block's spans is not known.
  const isUnknown = (block) => block.isRest || model.hasUnknownGaps;
  const xOf = (segment, offset) => segment.x0 + ((offset - segment.from) / (segment.to - segment.from)) * (segment.x1 - segment.x0);
  const fill = (ctx, segment, begin, end, style) => {
    if (end <= segment.from || begin >= segment.to) return;
    const x0 = xOf(segment, Math.max(begin, segment.from));
    const x1 = xOf(segment, Math.min(end, segment.to));
    ctx.fillStyle = style;
    // A hairline between neighbours, where they are wide enough for one.
    ctx.fillRect(x0, segment.y, Math.max(0.6, x1 - x0 - (x1 - x0 > 3 ? 0.8 : 0)), ROW.height);
  };
  const drawSegment = (ctx, segment, colors) => {
    const { block } = segment;
    ctx.fillStyle = isUnknown(block) ? colors.hatch : colors.free;
    ctx.fillRect(segment.x0, segment.y, segment.x1 - segment.x0, ROW.height);
    for (const [begin, size] of block.used ?? []) fill(ctx, segment, begin, begin + size, colors.hatch);
    block.spans.forEach((span, i) => fill(ctx, segment, span[0], span[0] + span[1], model.colorOf(block, i)));
    ctx.strokeStyle = colors.edge;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(segment.x0, segment.y - 0.5);
    ctx.lineTo(segment.x1, segment.y - 0.5);
    ctx.moveTo(segment.x0, segment.y + ROW.height + 0.5);
    ctx.lineTo(segment.x1, segment.y + ROW.height + 0.5);
    for (const [isEnd, x] of [[segment.first, segment.x0 - 0.5], [segment.last, segment.x1 + 0.5]]) {
      if (!isEnd) continue;
      ctx.moveTo(x, segment.y - 0.5);
      ctx.lineTo(x, segment.y + ROW.height + 0.5);
    }
    ctx.stroke();
  };
  const rangeOf = ({ block, i, range }) => (range ? range : [block.spans[i][0], block.spans[i][0] + block.spans[i][1]]);
  const outline = (ctx) => {
    const [begin, end] = rangeOf(pointed);
    ctx.strokeStyle = color("text");
    ctx.lineWidth = 2;
    for (const segment of layout.segments) {
      if (segment.block !== pointed.block || end <= segment.from || begin >= segment.to) continue;
      const x0 = xOf(segment, Math.max(begin, segment.from));
      const x1 = xOf(segment, Math.min(end, segment.to));
      ctx.strokeRect(x0, segment.y, Math.max(2, x1 - x0), ROW.height);
    }
  };

  const point = (next, x, y) => {
    pointed = next;
    draw();
    tip.hidden = next === null;
    if (next === null) return;
    const [begin, end] = rangeOf(next);
    const lines = next.range
        ? [[isUnknown(next.block) ? "not recorded" : next.used ? "in use, by allocations that are not recorded" : "free"], ["size", format.bytes(end - begin)]]
        : model.describe(next.block, next.i);
    replace(
      tip,
      lines.map(([title, text]) =>
        text === undefined
          ? el("strong", {}, el("bdi", {}, title))
          : el("div", {}, el("span", { class: "quiet" }, `${title} `), el("bdi", {}, text)),
      ),
      el("div", {}, el("span", { class: "quiet" }, "offset "), `${format.count(begin)} in ${model.blockTitle(next.block)}`),
    );
    tip.style.left = `${Math.max(0, Math.min(x + 14, place.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${y + 18}px`;
  };
  const pointAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const found = layout && hit(layout, x, y);
    if (!found) return point(null);
    const { block } = found.segment;
    const what = at(block, found.offset);
    return point(what.span ? { block, i: block.spans.indexOf(what.span) } : { block, ...what }, x, y);
  };
  // Arrow keys go from allocation to allocation.
  const step = (event) => {
    const direction = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") point(null);
    if (!direction || !layout) return;
    event.preventDefault();
    const all = layout.segments.filter((segment) => segment.first).flatMap(({ block }) => block.spans.map((_, i) => ({ block, i })));
    if (all.length === 0) return;
    const now = pointed ? all.findIndex(({ block, i }) => block === pointed.block && i === pointed.i) : -1;
    const next = all[(now + direction + all.length) % all.length] ?? all[0];
    const segment = layout.segments.find((s) => s.block === next.block && next.block.spans[next.i][0] < s.to);
    point(next, xOf(segment, Math.max(segment.from, next.block.spans[next.i][0])), segment.y);
  };
  canvas.addEventListener("pointermove", pointAt);
  canvas.addEventListener("pointerdown", pointAt);
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("keydown", step);
  canvas.addEventListener("blur", () => point(null));
  draw.stop = onTheme(draw);
  places.set(place, draw);
  resized.observe(place);
  return {
    element: place,
    show(next) {
      model = next;
      pointed = null;
      tip.hidden = true;
      draw();
    },
  };
}
