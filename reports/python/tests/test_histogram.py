"""Histograms against the golden vectors, and the property that makes them worth storing: merging is concatenation."""
import random
from math import ceil

import pytest

from vkmembench import Histogram, load, merge
from vkmembench.histogram import bin_of, bin_range


def assert_like(histogram, case):
    assert histogram.pairs() == [tuple(pair) for pair in case["bins"]]
    assert (histogram.count, histogram.sum, histogram.min, histogram.max) == (case["count"], case["sum"], case["min"], case["max"])
    for q, value in case["quantiles"]:
        assert histogram.quantile(q) == pytest.approx(value, rel=1e-12)


def test_golden_histograms(golden):
    assert len(golden["histograms"]) >= 7
    for case in golden["histograms"]:
        assert_like(Histogram.of(case["values"]), case)


def test_golden_merges(golden):
    of = {case["name"]: Histogram.of(case["values"]) for case in golden["histograms"]}
    for case in golden["merges"]:
        assert_like(merge(of[part] for part in case["parts"]), case)


def values(source):
    scale = source.choice([6, 12, 30, 63])
    return [source.getrandbits(source.randint(1, scale)) for _ in range(source.randint(0, 300))]


@pytest.mark.parametrize("seed", range(30))
def test_merging_is_concatenation(seed):
    source = random.Random(seed)
    parts = [values(source) for _ in range(source.randint(0, 5))]
    whole = Histogram.of(sum(parts, []))
    assert merge(map(Histogram.of, parts)) == whole
    assert merge(map(Histogram.of, reversed(parts))) == whole


@pytest.mark.parametrize("seed", range(30))
def test_quantiles_are_within_a_bin(seed):
    source = random.Random(seed)
    held = sorted(values(source) or [1])
    histogram = Histogram.of(held)
    for q in [0, 1, *(source.random() for _ in range(20))]:
        exact = held[max(1, ceil(q * len(held))) - 1]
        assert abs(histogram.quantile(q) - exact) <= 0.008 * exact
    x, curve = histogram.curve()
    assert (x[1:] >= x[:-1]).all() and (curve[1:] >= curve[:-1]).all() and x[-1] == len(held)


def test_bins_tile_the_numbers():
    for index in range(1, 3000):
        low, width = bin_range(index)
        assert sum(bin_range(index - 1)) == low
        assert bin_of(low) == bin_of(low + width - 1) == index


def test_report_and_histogram_agree(samples):
    reports = load(samples / "devices" / "nvidia-rtx-3090-churn.json")  # of several rounds a metric is the median, and not of all values
    metrics = {(row.run, row.metric): row.value for row in reports.metrics.itertuples() if row.scope == ""}
    rows = [row for row in reports.histograms.itertuples() if row.metric == "time.create_buffer_ns"]
    assert len(rows) == len(reports)
    for row in rows:
        for stat, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
            assert row.histogram.quantile(q) == pytest.approx(metrics[row.run, f"{row.metric}.{stat}"], rel=1e-12)
        assert row.histogram.mean == pytest.approx(metrics[row.run, f"{row.metric}.mean"])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="sub-bits"):
        Histogram.of([1]) + Histogram.of([1], sub_bits=5)
    with pytest.raises(ValueError, match="bins hold 2 values, its count is 3"):
        Histogram.from_json({"bins": [[1, 2]], "count": 3, "sum": 2, "min": 1, "max": 1, "sub_bits": 6})
    with pytest.raises(ValueError, match="repeated"):
        Histogram([(1, 2), (1, 3)], 5, 1, 1)
    with pytest.raises(ValueError, match="quantile"):
        Histogram.of([1]).quantile(1.5)
