// Where a row of values changed its level: the split that costs least, where a level costs the absolute deviations from its
// median, and each further level a penalty. Optimal partitioning after Jackson et al. 2005; the Python package does the same.

const PENALTY = 2;  // times the noise times ln n: about 2 of 100 rows of pure noise get a change point
const SHORTEST = 3;  // values of a level of noisy ones
const EFFECT = Math.log1p(0.02);  // by which levels differ

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The positions at which a new level begins, of finite values. Exact values have no noise and every change counts; noisy ones
// must be above 0.
export function changePoints(values, isExact) {
  if (isExact) return values.flatMap((value, i) => (i > 0 && value !== values[i - 1] ? [i] : []));
  const n = values.length;
  if (n < 2 * SHORTEST || values.some((value) => !(value > 0))) return [];
  const logs = values.map(Math.log);
  const noise = median(logs.slice(1).map((value, i) => Math.abs(value - logs[i]))) / 0.954;
  const penalty = PENALTY * Math.max(noise, EFFECT / 4) * Math.log(n);
  const costOf = (from, to) => {
    const level = logs.slice(from, to);
    const middle = median(level);
    return level.reduce((sum, value) => sum + Math.abs(value - middle), 0);
  };
  const best = [-penalty];
  const last = [0];
  for (let end = 1; end <= n; ++end) {
    best[end] = Infinity;
    for (let start = 0; start <= end - SHORTEST; start = start === 0 ? SHORTEST : start + 1) {
      const cost = (best[start] ?? Infinity) + costOf(start, end) + penalty;
      if (cost < best[end]) [best[end], last[end]] = [cost, start];
    }
  }
  const bounds = [n];
  while (bounds[0] > 0) bounds.unshift(last[bounds[0]]);
  const levelOf = (from, to) => median(logs.slice(from, to));
  return bounds.slice(1, -1).filter((at, i) => Math.abs(levelOf(at, bounds[i + 2]) - levelOf(bounds[i], at)) >= EFFECT);
}
