import assert from "node:assert/strict";
import { test } from "node:test";

import * as format from "../../src/format.js";

test("bytes have three digits and the largest unit below a thousand", () => {
  const cases = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [1536, "1.50 KiB"],
    [10 * 1024, "10.0 KiB"],
    [24_536_678, "23.4 MiB"],
    [2 ** 30, "1.00 GiB"],
  ];
  for (const [value, text] of cases) assert.equal(format.bytes(value), text);
});
test("nanoseconds", () => {
  for (const [value, text] of [
    [0, "0 ns"],
    [850, "850 ns"],
    [1250, "1.25 \u00b5s"],
    [16_700_000, "16.7 ms"],
    [2e9, "2.00 s"],
    [999_600, "1.00 ms"],
  ])
    assert.equal(format.ns(value), text);
});
test("counts have thousands apart", () => {
  for (const [value, text] of [[0, "0"], [999, "999"], [1000, "1,000"], [48213, "48,213"], [1234567, "1,234,567"]]) assert.equal(format.count(value), text);
  assert.equal(format.plural(1, "block"), "1 block");
  assert.equal(format.plural(2000, "block"), "2,000 blocks");
});
test("changes read as percent up to a doubling, then as times", () => {
  assert.equal(format.compared(70, 100), "30 % less than");
  assert.equal(format.compared(140, 100), "40 % more than");
  assert.equal(format.compared(250, 100), "2.5 times");
  assert.equal(format.compared(1500, 100), "15 times");
  assert.equal(format.compared(100, 250), "2.5 times less than");
  assert.equal(format.compared(0, 250), "100 % less than");
  assert.equal(format.compared(100.2, 100), "as much as");
  assert.equal(format.compared(5, 0), "as much as");
});
