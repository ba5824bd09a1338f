"""Traces of several kinds, side by side."""
from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, PercentFormatter

from ..traces import shares
from .style import axes, legend, line_style, styles, with_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def trace_shares(frame: pd.DataFrame, what: str, ax: Axes | None = None) -> Axes:
    """How much of each trace is at most so large, so long or so many: a thin line a trace, a thick one the mean of its kind."""
    table = shares(frame, what)
    ax = axes(ax, f"{what[0].upper()}{what[1:]}, by kind of trace")
    kinds = list(table.columns.get_level_values("kind").unique())
    for kind, style in styles(kinds).items():
        of_kind = table[kind]
        look = line_style(style)
        for trace in of_kind:
            ax.plot(table.index, of_kind[trace], drawstyle="steps-post", linewidth=0.6, alpha=0.35, **look)
        ax.plot(table.index, of_kind.mean(axis=1), drawstyle="steps-post", linewidth=2.4, label=f"{kind}, mean of {of_kind.shape[1]}", **look)
    ax.set_xscale("symlog", base=8, linthresh=1)
    ax.set(xlabel=what, ylabel="part of the trace", ylim=(0, 1.02))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    if what == "buffer bytes":
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: with_unit(value, "bytes")))
    legend(ax)
    return ax
