"""Memory of a run: over its frames, and block by block at a snapshot."""
from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.collections import PatchCollection
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import PercentFormatter

from ..reading import ReportError
from .style import FAINT, GREY, axes, legend, line_style, only, styles, unit_axis, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..reports import Reports


GAPS = ("free", "unlisted")


def _series(reports, column):
    rows = reports.series[reports.series["column"] == column]
    if rows.empty:
        raise ReportError(f"no series has {column}; there are {', '.join(reports.series['column'].unique())}")
    scenario, device = only(rows, "scenario", "device")
    return rows, f"{scenario} on {device}"


def _label(rows):
    """What tells lines apart: the strategy, and the report where there are several."""
    return rows["strategy"] if rows["report"].nunique() == 1 else rows["strategy"] + ", " + rows["report"]


def memory_over_time(reports: Reports, heap: str | int | None = None, ax: Axes | None = None) -> Axes:
    """Reserved memory of each strategy over frames, above what the trace holds at that time; of one heap with its budget,
    where the budget is near enough to matter."""
    column = "mem.reserved_bytes" if heap is None else f"heap.{heap}.reserved_bytes"
    rows, told = _series(reports, column)
    ax = axes(ax, "Reserved memory over time" + ("" if heap is None else f", heap {heap}"), told)
    if heap is None:
        needed = reports.series[reports.series["column"] == "mem.required_bytes"]
        needed = needed[needed["run"] == needed["run"].iloc[0]]
        ax.fill_between(needed["frame"], needed["max"], color=FAINT, linewidth=0, label="live (required)")
    lines = rows.assign(line=_label(rows))
    for name, style in styles(list(lines["line"].unique())).items():
        line = lines[lines["line"] == name]
        if line["max"].max() > 0:
            ax.plot(line["frame"], line["max"], drawstyle="steps-pre", linewidth=1.6, label=name, **line_style(style))
    if heap is not None:
        budget = reports.series[reports.series["column"] == f"heap.{heap}.budget_bytes"]
        if len(budget) and budget["last"].min() < 3 * rows["max"].max():
            budget = budget[budget["run"] == budget["run"].iloc[0]]
            ax.plot(budget["frame"], budget["last"], color="#BB0000", linewidth=1, linestyle=(0, (2, 2)), label="budget")
    ax.set(xlabel="frame", ylabel="reserved", xlim=(rows["frame"].min(), rows["frame"].max()))
    ax.set_ylim(bottom=0)
    unit_axis(ax.yaxis, "bytes")
    legend(ax)
    return ax


def fragmentation_over_time(reports: Reports, ax: Axes | None = None) -> Axes:
    """External fragmentation of each strategy over frames: how the free bytes are cut up, whatever their number."""
    rows, told = _series(reports, "frag.external_ratio")
    ax = axes(ax, "External fragmentation over time", f"{told}; 1 − largest free range / free bytes, by memory type; bands from least to most")
    lines = rows.assign(line=_label(rows))
    for name, style in styles(list(lines["line"].unique())).items():
        line = lines[lines["line"] == name]
        if line["max"].max() > 0:
            ax.plot(line["frame"], line["last"], linewidth=1.4, label=name, **line_style(style))
            ax.fill_between(line["frame"], line["min"], line["max"], color=style["color"], alpha=0.15, linewidth=0)
    ax.set(xlabel="frame", ylabel="share of free bytes", ylim=(0, 1), xlim=(rows["frame"].min(), rows["frame"].max()))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    legend(ax)
    return ax


def memory_map(reports: Reports, label: str | None = None, blocks: int = 24, ax: Axes | None = None) -> Axes:
    """The blocks of one run at a snapshot (default: the one that holds most), largest first, each drawn to scale; what lies
    in them by the first part of its tag, free ranges white."""
    if blocks < 1:
        raise ReportError(f"a map of {blocks} blocks; show at least one")
    rows = reports.snapshots
    if rows.empty:
        raise ReportError("no snapshots; run without --no-snapshots")
    report, strategy, scenario, device = only(rows, "report", "strategy", "scenario", "device")
    if label is None:
        label = rows[~rows["kind"].isin(GAPS)].groupby("label", sort=False)["size"].sum().idxmax()
    rows = rows[rows["label"] == label]
    if rows.empty:
        raise ReportError(f"no snapshot '{label}'; there are {', '.join(reports.snapshots['label'].unique())}")
    heads = rows.drop_duplicates("block").sort_values(["heap", "type", "block_bytes"], ascending=[True, True, False], kind="stable")
    shown = heads.nlargest(blocks, "block_bytes")["block"]
    heads = heads[heads["block"].isin(shown)]
    free = rows.loc[rows["kind"].isin(GAPS), "size"].sum()
    is_whole = not (rows["kind"] == "unlisted").any()
    total = rows.drop_duplicates("block")["block_bytes"].sum()
    left = rows["block"].nunique() - len(heads)
    told = f"{scenario} on {device}; {rows['block'].nunique()} blocks of {with_unit(total, 'bytes')}, {'' if is_whole else 'up to '}{free / total:.0%} free"
    ax = axes(ax, f"Memory map of {strategy}, at '{label}'", told + (f"; {left} smaller ones not shown" if left else ""), (9, 1.6 + 0.3 * len(heads)))
    kinds = rows["tag"].str.split("/").str[0].where(rows["tag"] != "", rows["kind"])
    used = rows[~rows["kind"].isin(GAPS)].assign(group=kinds)
    largest = used.groupby("group")["size"].sum().nlargest(8).index
    look = styles(list(largest))
    place = {block: i for i, block in enumerate(heads["block"])}
    for i, block_bytes in enumerate(heads["block_bytes"]):
        ax.add_patch(Rectangle((0, i - 0.4), block_bytes, 0.8, facecolor="white", edgecolor="#777777", linewidth=0.7))
    for group, ranges in used[used["block"].isin(shown)].groupby("group", sort=False):
        patches = [Rectangle((offset, place[block] - 0.38), size, 0.76) for block, offset, size in ranges[["block", "offset", "size"]].values]
        colour = look[group]["color"] if group in look else GREY
        ax.add_collection(PatchCollection(patches, facecolor=colour, edgecolor="white", linewidth=0.15))
    ax.set(xlim=(0, heads["block_bytes"].max() * 1.01), ylim=(len(heads) - 0.4, -0.6), xlabel="offset within the block")
    ax.set_yticks(range(len(heads)), [f"heap {heap}, {pool or f'type {kind}'}" for heap, kind, pool in heads[["heap", "type", "pool"]].values], fontsize=8)
    ax.grid(False)
    unit_axis(ax.xaxis, "bytes")
    handles = [Patch(facecolor=look[group]["color"], label=group) for group in largest]
    others = set(used["group"]) - set(largest)
    handles += [Patch(facecolor=GREY, label="others")] * bool(others)
    handles.append(Patch(facecolor="white", edgecolor="#777777", label="free" if is_whole else "free, or many too small to be listed"))
    legend(ax, handles=handles)
    return ax
