"""Choosing: latencies, strategies side by side, devices side by side, threads."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullLocator

from ..compare import compare_devices, compare_strategies
from ..histogram import merge
from ..metrics import named
from ..reading import ReportError
from .style import DIVERGING, GREY, INK, axes, intervals, legend, line_style, only, short, spread, styles, unit_axis, upper_first, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..reports import Reports


def percentile_curve(reports: Reports, metric: str = "time.create_buffer_ns", ax: Axes | None = None) -> Axes:
    """The whole distribution of a time for each strategy, merged over its runs: x is 1 / (1 − q), both axes logarithmic, so
    that p99 and p99.99 get the room that they deserve."""
    rows = reports.histograms[reports.histograms["metric"] == metric]
    if rows.empty:
        raise ReportError(f"no histogram of {metric}; there are {', '.join(reports.histograms['metric'].unique())}")
    scenario, device = only(rows, "scenario", "device")
    ax = axes(ax, f"{upper_first(named(metric))}, by percentile", f"{scenario} on {device}; one value in x takes longer than the curve shows at x")
    look, longest = styles(list(rows["strategy"].unique())), 10
    for strategy, of in rows.groupby("strategy", sort=False):
        x, value = merge(list(of["histogram"])).curve()
        if len(x):
            x, value = np.concatenate([[1.0], x]), np.concatenate([value[:1], value])
            ax.plot(x, np.maximum(value, 1), drawstyle="steps-pre", linewidth=1.6, label=strategy, **line_style(look[strategy]))
            longest = max(longest, x[-1])
    ax.set(xscale="log", yscale="log", xlabel="percentile", ylabel="time", xlim=(1, longest * 1.1))
    ticks = [(1, "least"), (2, "p50"), (10, "p90"), (100, "p99"), (1000, "p99.9"), (1e4, "p99.99"), (1e5, "p99.999"), (1e6, "p99.9999")]
    ticks = [tick for tick in ticks if tick[0] <= longest * 1.1]
    ax.xaxis.set_major_locator(FixedLocator([at for at, _ in ticks]))
    ax.xaxis.set_major_formatter(FixedFormatter([text for _, text in ticks]))
    ax.xaxis.set_minor_locator(NullLocator())
    unit_axis(ax.yaxis, "ns", log=True)
    legend(ax)
    return ax


def ratio_heatmap(reports: Reports, metric: str = "mem.reserved_peak_bytes", baseline: str = "vma", ax: Axes | None = None) -> Axes:
    """Strategy × scenario: the metric as a ratio to the baseline strategy of the same report. Numbers in the cells; colour on a
    logarithmic scale that ends at a factor of 4."""
    rows = compare_strategies(reports, baseline, metric)
    rows = rows[(rows["strategy"] != "null")]
    (device,) = only(rows, "device")
    cells = rows.groupby(["scenario", "strategy"], sort=False)
    table = cells["ratio"].median().unstack()
    doubt = cells["verdict"].agg(_doubt).unstack()
    table = table[[name for name in reports.runs["strategy"].unique() if name in table and table[name].notna().any()]]
    table = table.reindex([name for name in reports.runs["scenario"].unique() if name in table.index])
    doubt = doubt.reindex(index=table.index, columns=table.columns).fillna("")
    legend_of = {"~": "~ within noise", "?": "? noise not known"}
    doubts = "".join(f"; {text}" for sign, text in legend_of.items() if (doubt == sign).any(axis=None))
    better = rows["better"].iloc[0]
    ax = axes(ax, f"{upper_first(named(metric))}, relative to {baseline}", f"{device}; {'less' if better == 'lower' else 'more'} is better, and purple{doubts}",
              (2.2 + 1.05 * len(table.columns), 1.6 + 0.42 * len(table)))
    logs = np.log2(table.to_numpy(dtype=float))
    shown = np.clip(logs if better == "lower" else -logs, -2, 2)
    shown[(doubt != "").to_numpy() & np.isfinite(shown)] = 0  # noise has no colour
    reach = max(0.1, float(np.nanmax(np.abs(shown))))
    ax.imshow(np.ma.masked_invalid(shown), cmap=DIVERGING, norm=TwoSlopeNorm(0, -reach, reach), aspect="auto")
    for (i, j), value in np.ndenumerate(table.to_numpy(dtype=float)):
        strong = np.isfinite(value) and abs(shown[i, j]) > 0.5 * reach
        text = "n/a" if not np.isfinite(value) else f"{value:.2f}" if value < 100 else f"{value:,.0f}"
        ax.text(j, i, doubt.iloc[i, j] + text, ha="center", va="center", fontsize=9, color="white" if strong else INK if np.isfinite(value) else GREY)
    ax.set_xticks(range(len(table.columns)), table.columns, rotation=20, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(table)), table.index)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _doubt(verdicts):
    """What stands before a ratio that noise may have made: "~" within it, "?" where it is not known."""
    return "?" if (verdicts == "not judged").any() else "~" if (verdicts == "within noise").any() else ""


def pareto_front(x, y, low=None, high=None):
    """Positions of the points than which none is at least as low in both and lower in one, in order of x; of equal ones the
    first. Where x is noisy, low to high says where it surely lies: only what lies wholly below is lower, and NaN beats nobody."""
    low, high = x if low is None else low, x if high is None else high

    def beats(a, b):
        same = low[a] == high[a] == low[b] == high[b]
        return high[a] < low[b] and y[a] <= y[b] or same and (y[a], a) < (y[b], b)
    front = [b for b in range(len(x)) if not any(beats(a, b) for a in range(len(x)) if a != b)]
    return sorted(front, key=lambda i: (x[i], y[i]))


def waste_against_speed(reports: Reports, waste: str = "mem.reserved_over_live_ratio", speed: str = "time.create_buffer_ns.p50",
                        ax: Axes | None = None) -> Axes:
    """Each strategy by the memory it wastes and the time it takes, with its 95 % interval; those on the front are the ones to
    choose from: no other surely beats them. `null` is left out: it does nothing."""
    rows = reports.metrics[(reports.metrics["metric"].isin([waste, speed])) & (reports.metrics["scope"] == "") & (reports.metrics["strategy"] != "null")]
    scenario, device = only(rows, "scenario", "device")
    table = rows.astype({"strategy": object, "metric": object}).groupby(["strategy", "metric"], sort=False)["value"].median().unstack().dropna()
    if table.empty or waste not in table or speed not in table:
        raise ReportError(f"no strategy has both {waste} and {speed} on {scenario}")
    unit = rows.loc[rows["metric"] == speed, "unit"].iloc[0]
    bounds = rows[rows["metric"] == speed].astype({"strategy": object}).groupby("strategy")[["low", "high"]].agg({"low": "min", "high": "max"}).loc[table.index]
    unknown = "; the noise is not known: nobody is beaten by time" if bounds.isna().any(axis=None) else ""
    ax = axes(ax, "Memory against time", f"{scenario} on {device}; below and to the left is better{unknown}", (7.5, 5))
    front = pareto_front(list(table[speed]), list(table[waste]), list(bounds["low"]), list(bounds["high"]))
    edge = table.iloc[front]
    ax.plot(edge[speed], edge[waste], color=GREY, linewidth=1.2, linestyle=(0, (4, 2)), drawstyle="steps-post", zorder=1)
    for i, (name, style) in enumerate(styles(list(table.index)).items()):
        ax.plot(bounds.iloc[i], [table[waste].iloc[i]] * 2, color=style["color"], linewidth=1.2, alpha=0.6, zorder=2)
        ax.scatter(table[speed].iloc[i], table[waste].iloc[i], s=70, color=style["color"], marker=style["marker"], edgecolor="white", zorder=3,
                   label=name + (" (front)" if i in front else ""))
    ax.set(xscale="log", xlabel=f"{named(speed)}  →  slower", ylabel=f"{named(waste)}  →  more waste")
    ax.margins(0.12)
    unit_axis(ax.xaxis, unit, log=True)
    _readable_log(ax.xaxis, unit)
    legend(ax)
    return ax


def _readable_log(axis, unit):
    """1, 2 and 5 of each decade, or 1 and 3, when a logarithmic axis spans too little for its decades to be enough."""
    low, high = axis.get_view_interval()
    if high / low < 1e4:
        ticks = [m * 10.0**e for e in range(-3, 13) for m in ((1, 2, 5) if high / low < 100 else (1, 3)) if low <= m * 10.0**e <= high]
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FuncFormatter(lambda value, _: with_unit(value, unit)))
        axis.set_minor_locator(NullLocator())


def device_slopes(reports: Reports, metric: str = "mem.reserved_peak_bytes", baseline: str = "vma", ax: Axes | None = None) -> Axes:
    """One scenario over devices: each strategy relative to the device's own baseline strategy. Lines that cross are choices
    that do not carry over."""
    (scenario,) = only(reports.runs, "scenario")
    table = compare_devices(reports, metric, baseline)
    table = table.droplevel("scenario").drop(index="null", errors="ignore")
    notes, table = table["note"], table.drop(columns="note").dropna(how="all")
    note = "; ".join(dict.fromkeys(part if "refuses" not in part else f"{name} {part} (hollow)" for name, said in notes.items()
                                   for part in said.split("; ") if part))
    if table.empty or len(table.columns) < 2:
        raise ReportError(f"{scenario}: {note or 'slopes need two devices'}")
    ax = axes(ax, f"{upper_first(named(metric))} across devices, relative to {baseline}", scenario + (f"; {note}" if note else ""), (8.5, 5))
    look, x = styles(list(table.index)), np.arange(len(table.columns))
    for name, row in table.iterrows():
        ax.plot(x, row.to_numpy(dtype=float), linewidth=1.8, markersize=6, markeredgecolor="white", **look[name])
        hollow = [i for i, device in enumerate(table.columns) if "refuses" in notes[name] and device in notes[name].split("refuses")[1]]
        ax.plot(x[hollow], row.iloc[hollow], linestyle="", marker=look[name]["marker"], markersize=7, color="white", markeredgecolor=look[name]["color"])
    spans = np.nanmax(table.to_numpy(dtype=float)) / max(np.nanmin(table.to_numpy(dtype=float)), 1e-12)
    ax.set_yscale("log" if spans > 8 else "linear")
    ends = [(name, [v for v in row if v == v][-1], max(i for i, v in enumerate(row) if v == v)) for name, row in table.iterrows()]
    ax.figure.canvas.draw()
    at = [ax.transData.transform((x[end], value))[1] for _, value, end in ends]
    for (name, value, end), pixel in zip(ends, spread(at, 13 * ax.figure.dpi / 72)):
        position = ax.transData.inverted().transform((0, pixel))[1]
        missing = f" (none on {table.columns[-1]})" if end < len(x) - 1 else ""
        ax.annotate(f"{name}  {short(value)}{missing}", (x[-1] + 0.06, position), fontsize=9, va="center", color=look[name]["color"],
                    annotation_clip=False)
    ax.set_xticks(x, [_wrapped(name) for name in table.columns])
    ax.set(xlim=(-0.2, len(x) - 0.3 + 0.15 * len(x)), ylabel=f"ratio to {baseline}")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    return ax


def _wrapped(name, width=16):
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines[:3])


def thread_scaling(reports: Reports, metric: str = "throughput.ops_per_s", ax: Axes | None = None) -> Axes:
    """A rate over the number of lanes, a report for each, against what perfect scaling from the fewest lanes would give."""
    rows = reports.metrics[(reports.metrics["metric"] == metric) & (reports.metrics["scope"] == "") & (reports.metrics["strategy"] != "null")]
    if rows.empty:
        raise ReportError(f"no run has {metric}")
    rows = rows.astype({"strategy": object}).join(reports.runs[["lane_count", "replay"]], on="run")
    scenario, device, replay = only(rows, "scenario", "device", "replay")
    cells = rows.groupby(["lane_count", "strategy"], sort=True).agg(value=("value", "median"), low=("low", "min"), high=("high", "max"))
    table, low, high = (cells[key].unstack()[list(rows["strategy"].unique())] for key in ("value", "low", "high"))
    ax = axes(ax, f"{upper_first(named(metric))} by lanes", f"{scenario} on {device}, {replay} replay; grey: perfect scaling from {table.index[0]}")
    for name, style in styles(list(table)).items():
        ax.plot(table.index, table[name].iloc[0] * table.index / table.index[0], color="#C8C8C8", linewidth=0.9, zorder=1)
        ax.plot(table.index, table[name], linewidth=1.8, label=name, markeredgecolor="white", markersize=7, **style)
        intervals(ax, table.index, low[name], high[name], style["color"])
    ax.set(xscale="log", yscale="log", xlabel="lanes, a thread each")
    ax.xaxis.set_major_locator(FixedLocator(list(table.index)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())
    unit = rows["unit"].iloc[0]
    unit_axis(ax.yaxis, unit, log=True)
    _readable_log(ax.yaxis, unit)
    legend(ax)
    return ax
