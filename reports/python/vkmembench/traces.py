"""Traces in outline: how large what they create is, how long it lives, and how much comes in a frame.

    python3 -m vkmembench.traces FOLDER/*.jsonl > outlines.csv     # each of the kind that its folder is called
"""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from .reading import ReportError

WHAT = ("buffer bytes", "image texels", "frames lived", "creations a frame")
COLUMNS = ["kind", "trace", "what", "value", "count"]


def bin_of(value: int) -> int:
    """The power of two at or below; 0 of 0."""
    return 1 << (value.bit_length() - 1) if value else 0


def outline(lines: Iterable[str]) -> dict[str, Counter[int]]:
    """The counts of each of WHAT by bin. Of what lives to the end nobody knows how long; frames without a creation count."""
    counts: dict[str, Counter[int]] = {what: Counter() for what in WHAT}
    born: dict[int | str, int] = {}
    frame, created, frames = 0, 0, 0
    for line in lines:
        event = json.loads(line)
        op = event.get("op")
        ids = event["ids"] if "ids" in event else [event["id"]] if "id" in event else []
        if op == "frame":
            if frames or created:
                counts["creations a frame"][bin_of(created)] += 1
            frame, created, frames = frame + 1, 0, frames + 1
        elif op in ("buffer", "batch"):
            for size in event.get("sizes") or [event["size"]]:
                counts["buffer bytes"][bin_of(size)] += 1
        elif op == "image":
            width, height, depth = event["extent"]
            counts["image texels"][bin_of(width * height * depth * event.get("layers", 1) * event.get("samples", 1))] += 1
        elif op == "free":
            for name in ids:
                if name in born:  # not the memory of a part
                    counts["frames lived"][bin_of(frame - born.pop(name))] += 1
        if op in ("buffer", "batch", "image"):
            created += len(ids)
            born.update(dict.fromkeys(ids, frame))
    if created:
        counts["creations a frame"][bin_of(created)] += 1
    return counts


def outlines(files: Sequence[str | Path]) -> pd.DataFrame:
    """A row for each bin of each trace, whose kind is its folder."""
    rows = []
    for file in map(Path, files):
        with file.open(encoding="utf-8") as lines:
            for what, counts in outline(lines).items():
                rows += [(file.resolve().parent.name, file.stem, what, value, count) for value, count in sorted(counts.items())]
    return pd.DataFrame(rows, columns=COLUMNS)


def load_outlines(path: str | Path) -> pd.DataFrame:
    """What outlines() gave, from the file that it was written to."""
    frame = pd.read_csv(path)
    if list(frame.columns) != COLUMNS:
        raise ReportError(f"{path}: has no columns {', '.join(COLUMNS)}; write it with tools/make_outlines.py")
    return frame


def shares(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Of each trace that has any: the part of the counts up to and with each bin, which is the index."""
    if what not in WHAT:
        raise ReportError(f"no '{what}' in outlines; there are {', '.join(WHAT)}")
    counts = frame[frame["what"] == what].pivot_table(index="value", columns=["kind", "trace"], values="count", aggfunc="sum", fill_value=0)
    return counts.cumsum() / counts.sum()


def medians(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each trace the bin that holds the median of each of WHAT; NaN where it has none."""
    columns = {what: (shares(frame, what) >= 0.5).idxmax() for what in WHAT}
    return pd.DataFrame(columns).rename_axis(index=["kind", "trace"])
