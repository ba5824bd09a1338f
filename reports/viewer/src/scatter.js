// Named points on two axes, as a drawing that follows theme, width and paper.
import { keep } from "./chart.js";
import { el, svg } from "./dom.js";
import { placeLabels } from "./labels.js";
import { scaleOf } from "./scale.js";
import { onTheme } from "./theme.js";

const MARGIN = { top: 10, right: 16, bottom: 40, left: 84 };
const RADIUS = { strong: 6, faint: 4.5 };
const measure = document.createElement("canvas").getContext("2d");

function widthOf(text, isStrong) {
  measure.font = `${isStrong ? 600 : 400} 12px system-ui, sans-serif`;
  return measure.measureText(text).width + 4;
}

// points: [{x, y, label, title, isFaint, low, high (of x)}]; `line`: points that a line connects. x and y: {label, tick, binary}.
export function scatter({ points, line, x, y, height = 360, describe }) {
  const place = el("div", { class: "scatter", role: "img", "aria-label": describe });
  const draw = () => {
    const width = Math.max(280, Math.floor(place.clientWidth));
    const right = width - MARGIN.right;
    const bottom = height - MARGIN.bottom;
    const scales = {
      x: scaleOf(points.flatMap((point) => [point.low ?? point.x, point.high ?? point.x]), { binary: x.binary, most: Math.floor(width / 90) }),
      y: scaleOf(points.map((point) => point.y), { binary: y.binary, most: 7 }),
    };
    const atX = (value) => MARGIN.left + scales.x.at(value) * (right - MARGIN.left);
    const atY = (value) => bottom - scales.y.at(value) * (bottom - MARGIN.top);
    const dots = points.map((point) => ({
      x: atX(point.x), y: atY(point.y), radius: point.isFaint ? RADIUS.faint : RADIUS.strong, width: widthOf(point.label, !point.isFaint),
    }));
    // Names of the front have the first choice of place.
    const order = points.map((_, i) => i).sort((a, b) => points[a].isFaint - points[b].isFaint);
    const bounds = { left: MARGIN.left + 2, right: width, top: 0, bottom: bottom - 2 };
    const boxes = new Map(placeLabels(order.map((i) => dots[i]), bounds).map((box, k) => [order[k], box]));
    const scaleText = (axis, scale) => `${axis.label}${scale.isLog ? ", logarithmic" : ""}`;
    const namedPoint = (point, i) => {
      const [dot, box] = [dots[i], boxes.get(i)];
      const mid = { x: Math.min(Math.max(dot.x, box.left), box.right), y: (box.top + box.bottom) / 2 };
      return svg("g", { class: point.isFaint ? "faint" : "strong" }, svg("title", {}, point.title),
          point.low !== undefined && svg("path", { class: "spread", d: `M${atX(point.low)} ${dot.y}H${atX(point.high)}` }),
          box.isFar && svg("path", { class: "leader", d: `M${dot.x} ${dot.y}L${mid.x} ${mid.y}` }),
          svg("circle", { cx: dot.x, cy: dot.y, r: dot.radius }),
          svg("text", { x: box.left + 2, y: box.bottom - 4 }, point.label));
    };
    place.replaceChildren(svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` },
        scales.x.ticks.map((tick) => [svg("path", { class: "grid", d: `M${atX(tick)} ${MARGIN.top}V${bottom}` }),
          svg("text", { class: "tick", x: atX(tick), y: bottom + 16, "text-anchor": "middle" }, x.tick(tick))]),
        scales.y.ticks.map((tick) => [svg("path", { class: "grid", d: `M${MARGIN.left} ${atY(tick)}H${right}` }),
          svg("text", { class: "tick", x: MARGIN.left - 8, y: atY(tick) + 4, "text-anchor": "end" }, y.tick(tick))]),
        svg("text", { class: "tick", x: (MARGIN.left + right) / 2, y: height - 4, "text-anchor": "middle" }, scaleText(x, scales.x)),
        svg("text", { class: "tick", transform: `translate(12 ${(MARGIN.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, scaleText(y, scales.y)),
        line.length > 1 && svg("path", { class: "front", d: `M${line.map((point) => `${atX(point.x)} ${atY(point.y)}`).join("L")}` }),
        [...order].reverse().map((i) => namedPoint(points[i], i))));
  };
  let drawn = 0;
  const fit = () => {
    if (place.clientWidth === 0 || place.clientWidth === drawn) return;
    draw();
    drawn = place.clientWidth;
  };
  keep(place, fit, onTheme(fit));
  return place;
}
