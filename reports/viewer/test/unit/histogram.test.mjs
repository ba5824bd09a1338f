import assert from "node:assert/strict";
import { test } from "node:test";

import { binRange, percentileCurves, quantile, shareOf } from "../../src/histogram.js";

// The bin of a value as reports/histogram.h defines it.
function binOf(value) {
  if (value < 128) return value;
  const shift = Math.floor(Math.log2(value)) + 1 - 7;
  return shift * 64 + Math.floor(value / 2 ** shift);
}
function histogramOf(values) {
  const bins = new Map();
  for (const value of values) bins.set(binOf(value), (bins.get(binOf(value)) ?? 0) + 1);
  return {
    count: values.length, min: Math.min(...values), max: Math.max(...values), sub_bits: 6, bins: [...bins].sort((a, b) => a[0] - b[0]),
  };
}

test("every value lies in the range of its bin", () => {
  for (const value of [0, 1, 127, 128, 129, 255, 256, 1000, 65535, 65536, 1e6, 123_456_789]) {
    const { low, width } = binRange(binOf(value));
    assert.ok(value >= low && value < low + width, `${value}: ${low}, ${width}`);
  }
});
test("quantiles are within 0.8 % of the exact ones", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const values = Array.from({ length: 5000 }, () => Math.floor(100 * Math.exp(10 * random())));
  const histogram = histogramOf(values);
  values.sort((a, b) => a - b);
  for (const q of [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = values[Math.max(1, Math.ceil(q * values.length)) - 1];
    assert.ok(Math.abs(quantile(histogram, q) - exact) <= 0.008 * exact, `${q}: ${quantile(histogram, q)} for ${exact}`);
  }
});
test("a curve starts at the least and ends at n with the maximum", () => {
  const a = histogramOf([10, 20, 30, 40]);
  const b = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1));
  const { grid, curves } = percentileCurves([a, b]);
  assert.equal(grid[0], 1);
  assert.equal(grid[grid.length - 1], 1000);
  assert.equal(curves[0][0], 10);
  assert.equal(curves[0][grid.indexOf(4)], 40);
  assert.equal(curves[0][grid.indexOf(4) + 1], null);
  assert.equal(curves[1][grid.length - 1], 1000);
  for (const curve of curves) {
    assert.equal(curve.length, grid.length);
    const drawn = curve.filter((value) => value !== null);
    assert.deepEqual(drawn, [...drawn].sort((x, y) => x - y));
  }
});
test("one value, no values and a missing histogram draw", () => {
  const { grid, curves } = percentileCurves([histogramOf([7]), { count: 0, bins: [] }, undefined]);
  assert.deepEqual(grid, [1]);
  assert.deepEqual(curves, [[7], [null], [null]]);
});
test("shares are named by their nines", () => {
  assert.deepEqual([1, 2, 10, 100, 1000, 10000].map(shareOf), ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"]);
});
