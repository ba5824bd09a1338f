"""Change: a metric over commits, pairs against a margin, and what moved between two reports."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from ..gate import MARGIN, evidence
from ..metrics import named
from ..reading import ReportError
from ..trend import trend as trend_of
from .style import BLUE, GREY, INK, VERMILLION, axes, intervals, legend, only, short, unit_axis, upper_first, with_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..reports import Reports


def trend(reports: Reports, metric: str, order: Sequence[str] | None = None, labels: Sequence[str] | None = None,
          ax: Axes | None = None) -> Axes:
    """A metric over reports in their order, with its 95 % intervals, the level between change points and what each change amounts to."""
    rows = trend_of(reports, metric, order, labels)
    scenario, strategy, device = only(reports.runs, "scenario", "strategy", "device")
    unit = reports.metrics.loc[reports.metrics["metric"] == metric, "unit"].iloc[0]
    changes = [i for i in rows.index if rows["changed"][i]]
    told = "no change point" if not changes else f"{len(changes)} change point{'s' if len(changes) > 1 else ''}"
    ax = axes(ax, f"{upper_first(named(metric))} over time", f"{strategy}, {scenario} on {device}; {told}")
    intervals(ax, rows.index, rows["low"], rows["high"], GREY)
    ax.plot(rows.index, rows["value"], color=GREY, linewidth=0.8, marker="o", markersize=5, markerfacecolor=BLUE, markeredgecolor="white")
    low, high = np.nanmin(rows[["value", "low"]].to_numpy()), np.nanmax(rows[["value", "high"]].to_numpy())
    room = max(high - low, 0.2 * abs(high)) or 1  # noise of a percent is not to look like a cliff
    low, high = (low + high - room) / 2, (low + high + room) / 2
    for start, end in zip([0, *changes], [*changes, len(rows)]):
        level = rows["level"][start]
        ax.plot([start - 0.4, end - 0.6], [level, level], color=INK, linewidth=2.2, zorder=1, alpha=0.6)
        if start:
            before = rows["level"][start - 1]
            ax.axvline(start - 0.5, color=VERMILLION, linewidth=1, linestyle=(0, (3, 2)))
            ratio = f"{level / before - 1:+.1%}" if before else with_unit(level - before, unit)
            ax.annotate(f"{rows['label'][start]}: {ratio}", (start - 0.42, high + 0.12 * room), fontsize=9, color=VERMILLION, fontweight="bold")
    ax.set_ylim(max(0, low - 0.15 * room) if low >= 0 else low - 0.15 * room, high + 0.25 * room)
    ax.set_xlim(-0.7, len(rows) - 0.3)
    step = max(1, len(rows) // 16)
    ax.set_xticks(rows.index[::step], rows["label"][::step], rotation=30 if max(map(len, map(str, rows["label"]))) > 4 else 0)
    unit_axis(ax.yaxis, unit)
    return ax


def paired_ratios(ratios: Iterable[float], margin: float = MARGIN, title: str = "Paired ratios", ax: Axes | None = None) -> Axes:
    """The log ratios of pairs as ratios in the order measured, with the margin, the median and its 95 % interval."""
    weighed = evidence(ratios, margin)
    values = np.exp(np.asarray(ratios, dtype=float))
    ax = axes(ax, title, str(weighed))
    x = np.arange(1, len(values) + 1)
    if np.isfinite([weighed.low, weighed.high]).all():
        ax.axhspan(weighed.low, weighed.high, color=BLUE, alpha=0.15, linewidth=0, label="95 % interval")
    ax.axhline(weighed.ratio, color=BLUE, linewidth=1.8, label=f"median {weighed.ratio:.3f}")
    ax.axhline(1, color=GREY, linewidth=1)
    ax.axhline(1 + margin, color=VERMILLION, linewidth=1.2, linestyle=(0, (4, 2)), label=f"margin {1 + margin:.2f}")
    beyond = values > 1 + margin
    ax.scatter(x[~beyond], values[~beyond], s=36, color=BLUE, edgecolor="white", zorder=3, label="within")
    ax.scatter(x[beyond], values[beyond], s=44, color=VERMILLION, marker="^", edgecolor="white", zorder=3, label="beyond")
    reach = max(0.02 + margin, float(np.abs(values - 1).max())) * 1.15
    ax.set(xlabel="pair, in order of measurement", ylabel="candidate / base", ylim=(max(0, 1 - reach), 1 + reach), xlim=(0, len(values) + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    legend(ax)
    return ax


def changes(table: pd.DataFrame, top: int = 15, ax: Axes | None = None) -> Axes:
    """What moved most in a compare_reports() table: exact metrics that got better or worse, as percent of the base."""
    missing = [column for column in ("verdict", "ratio", "base", "candidate") if column not in table]
    if missing:
        raise ReportError(f"no table of compare_reports(): it has no column '{missing[0]}'; there are {', '.join(map(str, table))}")
    rows = table[table["verdict"].isin(["better", "worse"]) & np.isfinite(table["ratio"]) & (table["ratio"] > 0)]
    if rows.empty:
        raise ReportError("nothing got better or worse")
    rows = rows.assign(size=np.abs(np.log(rows["ratio"].astype(float)))).nlargest(top, "size").iloc[::-1]
    several = any(rows[key].nunique() > 1 for key in ("device", "scenario", "strategy"))
    changed = int(table["verdict"].isin(["better", "worse"]).sum())
    ax = axes(ax, "What changed most", f"{len(rows)} of {changed} exact metrics that changed; absolute values beside",
              (9, 1.3 + 0.32 * len(rows)))
    y = np.arange(len(rows))
    share = rows["ratio"].to_numpy(dtype=float) - 1
    reach = np.clip(share, -1, 2.5)
    ax.barh(y, reach, height=0.62, color=[VERMILLION if verdict == "worse" else BLUE for verdict in rows["verdict"]])
    for i, (at, part, row) in enumerate(zip(reach, share, rows.itertuples())):
        text = f"{part:+.0%}   {with_unit(row.base, row.unit)} → {with_unit(row.candidate, row.unit)}"
        ax.text(max(at, 0) + 0.04, i, text, va="center", fontsize=8.5, color=INK)
    names = [f"{row.metric}{f' [{row.scope}]' if row.scope else ''}" + (f"  ({row.strategy}, {row.scenario})" if several else "") for row in rows.itertuples()]
    ax.set_yticks(y, names, fontsize=8.5)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(min(-0.1, reach.min() * 1.1), max(0.2, reach.max()) * 1.15 + 1.9)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel("change from the base; orange is worse, blue is better")
    ax.grid(axis="y", visible=False)
    return ax
