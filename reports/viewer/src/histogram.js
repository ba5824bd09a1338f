// Log-linear histograms of the report: 2^sub_bits bins per power of two, exact below 2^(sub_bits + 1).

// Smallest value of a bin, and how many values share it.
export function binRange(bin, subBits = 6) {
  const linear = 2 ** (subBits + 1);
  if (bin < linear) return { low: bin, width: 1 };
  const shift = Math.floor(bin / 2 ** subBits) - 1;
  return { low: (bin - shift * 2 ** subBits) * 2 ** shift, width: 2 ** shift };
}

// The value that a share q of all does not exceed (nearest rank): the middle of its bin, within [min, max].
export function quantile(histogram, q) {
  return quantiles(histogram, [q])[0];
}

// The same of several shares in ascending order.
export function quantiles(histogram, shares) {
  const bins = histogram.bins ?? [];
  const values = [];
  let next = 0;
  let seen = 0;
  for (const share of shares) {
    // A share computed as 1 - 1/x is off by its rounding.
    const rank = Math.max(1, Math.ceil(share * histogram.count - 1e-9 * histogram.count));
    while (next < bins.length && seen < rank) seen += bins[next++][1];
    if (next === 0) return shares.map(() => null);
    const { low, width } = binRange(bins[next - 1][0], histogram.sub_bits);
    values.push(Math.min(Math.max(low + (width - 1) / 2, histogram.min), histogram.max));
  }
  return values;
}

// The percentile curve on a grid that several histograms share: x = 1 / (1 - q) from 1 on, `perDecade` points a power of
// ten. A histogram of n values ends at x = n, with its maximum.
export function percentileCurves(histograms, perDecade = 40) {
  const largest = Math.max(1, ...histograms.map((histogram) => histogram?.count ?? 0));
  const xs = [];
  for (let i = 0; ; ++i) {
    const x = 10 ** (i / perDecade);
    if (x >= largest) break;
    xs.push(x);
  }
  for (const histogram of histograms) if (histogram?.count > 0) xs.push(histogram.count);
  const grid = [...new Set(xs)].sort((a, b) => a - b);
  const curves = histograms.map((histogram) => {
    if (!(histogram?.count > 0)) return grid.map(() => null);
    const inside = grid.filter((x) => x < histogram.count);
    const curve = quantiles(histogram, inside.map((x) => 1 - 1 / x));
    curve.push(histogram.max);
    return [...curve, ...grid.slice(curve.length).map(() => null)];
  });
  return { grid, curves };
}

// "99 %" of x = 100.
export function shareOf(x) {
  const percent = 100 * (1 - 1 / x);
  const digits = Math.max(0, Math.ceil(Math.log10(x) - 2 - 1e-9));
  return `${percent.toFixed(x < 10 && !Number.isInteger(percent) ? 0 : digits)} %`;
}
