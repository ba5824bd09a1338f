"""A metric over an order of reports (commits, say), and where it changed."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .reading import ReportError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .reports import Reports

PENALTY = 2.0  # times the noise times ln n: about 2 of 100 series of pure noise get a change point


def change_points(values: ArrayLike, noisy: bool, min_effect: float | None = None, low: ArrayLike | None = None,
                  high: ArrayLike | None = None) -> list[int]:
    """The positions at which a new level begins: the split into levels that costs least, where a level costs the absolute
    deviations from its median, and each further level a penalty. Exact values have no noise and every change counts; noisy
    ones are taken as logarithms, and a level has at least three values and differs by min_effect (2 %). Where the values' own
    intervals are given, low to high, those of two levels do not overlap either. Optimal partitioning after Jackson et al. 2005,
    noise from the median difference of neighbours."""
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ReportError("a trend needs values; leave out reports without one")
    if not noisy:
        return [i for i in range(1, len(values)) if values[i] != values[i - 1]]
    if (values <= 0).any():
        raise ReportError("a trend of noisy values needs values above 0")
    effect, shortest = np.log1p(0.02 if min_effect is None else min_effect), 3
    logs, n = np.log(values), len(values)
    if n < 2 * shortest:
        return []
    noise = np.median(np.abs(np.diff(logs))) / 0.954
    penalty = PENALTY * max(noise, effect / 4) * np.log(n)
    best, last = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=int)
    best[0] = -penalty
    for end in range(shortest, n + 1):
        for start in [0, *range(shortest, end - shortest + 1)]:
            level = logs[start:end]
            cost = best[start] + np.abs(level - np.median(level)).sum() + penalty
            if cost < best[end]:
                best[end], last[end] = cost, start
    found, end = [], n
    while end > 0:
        end = last[end]
        found.append(end)
    bounds = [*found[::-1], n]
    points = []
    for before, at, after in zip(bounds, bounds[1:], bounds[2:]):
        if abs(np.median(logs[at:after]) - np.median(logs[before:at])) >= effect and apart(low, high, slice(before, at), slice(at, after)):
            points.append(int(at))
    return points


def apart(low, high, before, after):
    """Whether the median intervals of two levels do not overlap; True without intervals."""
    if low is None or high is None or not np.isfinite([low, high]).all():
        return True
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return np.median(high[before]) < np.median(low[after]) or np.median(high[after]) < np.median(low[before])


def trend(reports: Reports, metric: str, order: Sequence[str] | None = None, labels: Sequence[str] | None = None) -> pd.DataFrame:
    """One metric over reports of one device, scenario and strategy: a row for each, with its label, value, low and high, and level
    (which begins anew at each change point). `order` lists reports (default: by the time they were made), `labels` what to call them."""
    runs = reports.runs
    for key in ("device", "scenario", "strategy", "trace_hash", "clock", "replay"):
        if runs[key].nunique() > 1:
            raise ReportError(f"a trend is of one {key}, these are {', '.join(map(str, runs[key].unique()))}; choose with where()")
    order = list(reports.reports.sort_values("created_utc", kind="stable")["report"] if order is None else order)
    unknown = [report for report in order if report not in set(runs["report"])]
    if unknown or not order:
        raise ReportError(f"no report {unknown[0] if unknown else ''}; there are {', '.join(runs['report'].unique())}")
    if labels is not None and len(labels) != len(order):
        raise ReportError(f"{len(labels)} labels for {len(order)} reports")
    rows = reports.metrics[(reports.metrics["metric"] == metric) & (reports.metrics["scope"] == "")]
    of = rows.astype({"report": object}).groupby("report")
    of = of.agg(value=("value", "median"), low=("low", "min"), high=("high", "max"), n=("n", "min"), needs_n=("needs_n", "max")).reindex(order)
    values = of["value"]
    if values.isna().any():
        raise ReportError(f"{values.index[values.isna()][0]} has no value of {metric}; leave it out of `order`")
    if (of["needs_n"] > 0).any():
        lacking = f"{of['n'].min():,.0f} samples and takes {of['needs_n'].max():,.0f}"
        raise ReportError(f"{metric} is of {lacking}; look at {metric.rpartition('.')[0]}.max")
    low, high = of["low"].to_numpy(), of["high"].to_numpy()
    points = change_points(values.to_numpy(), noisy=(rows["class"] == "noisy").any(), low=low, high=high)
    frame = pd.DataFrame({"report": order, "label": order if labels is None else list(labels), "metric": metric, "value": values.to_numpy(),
                          "low": low, "high": high})
    frame["changed"] = frame.index.isin(points)
    frame["level"] = frame.groupby(frame["changed"].cumsum())["value"].transform("median")
    return frame
