// Axes: where a value lies between the ends of an axis, and the ticks to write there. Pure arithmetic.

const WIDE = 8;  // values this many times apart take a logarithmic axis
const STEPS = [1, 2, 5];

// {isLog, at(value): 0 to 1, ticks} of an axis that shows these values; `binary` has ticks at powers of two.
export function scaleOf(values, { binary = false, most = 7 } = {}) {
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const isLog = least > 0 && largest / least >= WIDE;
  if (isLog) {
    const [low, high] = [Math.log(least), Math.log(largest)];
    const [from, to] = [low - 0.06 * (high - low), high + 0.06 * (high - low)];
    return { isLog, at: (value) => (Math.log(value) - from) / (to - from), ticks: logTicks(Math.exp(from), Math.exp(to), binary, most) };
  }
  const room = 0.08 * (largest - least || Math.abs(largest) || 1);
  const [from, to] = [Math.max(least >= 0 ? 0 : -Infinity, least - room), largest + room];
  const step = stepOf((to - from) / most, binary);
  const ticks = [];
  for (let i = Math.ceil(from / step); i * step <= to; ++i) ticks.push(i * step);
  return { isLog, at: (value) => (value - from) / (to - from), ticks };
}

// The smallest round step that is at least this.
function stepOf(least, binary) {
  if (binary) return 2 ** Math.ceil(Math.log2(least));
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [...STEPS, 10].find((step) => step * power >= least * (1 - 1e-9));
}

function logTicks(from, to, binary, most) {
  const base = binary ? 2 : 10;
  const all = [];
  for (let power = Math.floor(Math.log(from) / Math.log(base)); base ** power <= to; ++power) {
    for (const step of binary ? [1] : STEPS) if (step * base ** power >= from && step * base ** power <= to) all.push(step * base ** power);
  }
  const decades = all.filter((tick) => binary || Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
  const ticks = all.length <= most ? all : decades;
  const stride = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % stride === 0);
}
