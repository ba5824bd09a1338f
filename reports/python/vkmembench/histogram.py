"""Log-linear histograms as reports hold them: the rule of buckets is that of reports/model/histogram.h."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from math import ceil

import numpy as np

SUB_BITS = 6


def bin_of(value: int, sub_bits: int = SUB_BITS) -> int:
    """The bin of an unsigned value: 2^sub_bits bins a power of two, exact below 2^(sub_bits + 1)."""
    shift = max(0, int(value).bit_length() - (sub_bits + 1))
    return (shift << sub_bits) + (int(value) >> shift)


def bin_range(index: int, sub_bits: int = SUB_BITS) -> tuple[int, int]:
    """Smallest value of a bin, and how many values share it."""
    shift = max(0, (int(index) >> sub_bits) - 1)
    return (int(index) - (shift << sub_bits)) << shift, 1 << shift


class Histogram:
    """Counts by bin, with the exact count, sum, min and max. Never changes once made. `+` is exact: the sum of two
    histograms is the histogram of both. A quantile is the middle of its bin, within 0.8 % of the exact one."""

    __slots__ = ("bins", "counts", "count", "sum", "min", "max", "sub_bits")

    def __init__(self, bins: Iterable[tuple[int, int]], total: float, low: float, high: float, sub_bits: int = SUB_BITS) -> None:
        """Takes [(index, count)]; total is the sum of all values, low and high the extremes (0 when there are none)."""
        pairs = sorted((int(index), int(count)) for index, count in bins if count)
        if any(count < 0 or index < 0 for index, count in pairs) or len(dict(pairs)) != len(pairs):
            raise ValueError("a histogram has negative or repeated bins")
        self.bins = np.array([index for index, _ in pairs], dtype=np.int64)
        self.counts = np.array([count for _, count in pairs], dtype=np.int64)
        self.count, self.sum, self.min, self.max = int(self.counts.sum()), int(total), int(low), int(high)
        self.sub_bits = int(sub_bits)

    @classmethod
    def of(cls, values: Iterable[int], sub_bits: int = SUB_BITS) -> Histogram:
        """The histogram of unsigned values."""
        values = [int(value) for value in values]
        bins = Counter(bin_of(value, sub_bits) for value in values)
        return cls(bins.items(), sum(values), min(values, default=0), max(values, default=0), sub_bits)

    @classmethod
    def from_json(cls, data: Mapping) -> Histogram:
        """A histogram as a report holds it."""
        made = cls(data["bins"], data["sum"], data["min"], data["max"], data["sub_bits"])
        if made.count != data["count"]:
            raise ValueError(f"histogram {data.get('id', '')}: its bins hold {made.count} values, its count is {data['count']}")
        return made

    def __add__(self, other: Histogram) -> Histogram:
        if not isinstance(other, Histogram):
            return NotImplemented
        if other.sub_bits != self.sub_bits:
            raise ValueError(f"histograms of {self.sub_bits} and {other.sub_bits} sub-bits do not merge exactly")
        bins = Counter(dict(self.pairs()))
        bins.update(dict(other.pairs()))
        held = [part for part in (self, other) if part.count]
        return Histogram(bins.items(), self.sum + other.sum, min((part.min for part in held), default=0),
                         max((part.max for part in held), default=0), self.sub_bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.pairs() == other.pairs() and all(
            getattr(self, name) == getattr(other, name) for name in ("sum", "min", "max", "sub_bits"))

    __hash__ = None

    def __repr__(self) -> str:
        return f"Histogram({self.count} values, {self.min} to {self.max})"

    def pairs(self) -> list[tuple[int, int]]:
        """[(index, count)] of the bins that hold anything."""
        return list(zip(self.bins.tolist(), self.counts.tolist()))

    @property
    def mean(self) -> float:
        return self.sum / self.count if self.count else 0.0

    def quantile(self, q: float) -> float:
        """The value that a share q of all values does not exceed (nearest rank); 0 when empty. Requires 0 <= q <= 1."""
        if not 0 <= q <= 1:
            raise ValueError(f"quantile {q} is not within 0 and 1")
        if not self.count:
            return 0.0
        rank = max(1, ceil(q * self.count))
        return self._middle(int(np.searchsorted(np.cumsum(self.counts), rank)))

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Two arrays for a percentile curve: x = 1 / (1 - q) and the value at that quantile, a point for each bin. The last
        value, at q = 1, stands at x = count."""
        below = np.cumsum(self.counts)
        x = self.count / np.maximum(self.count - below, 1)
        return x, np.array([self._middle(i) for i in range(len(self.bins))])

    def _middle(self, position):
        low, width = bin_range(self.bins[position], self.sub_bits)
        return min(max(low + (width - 1) / 2, float(self.min)), float(self.max))


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """One histogram of all; an empty one of none."""
    return reduce(Histogram.__add__, histograms, Histogram([], 0, 0, 0)) if not isinstance(histograms, Histogram) else histograms
