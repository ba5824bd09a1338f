"""The frames of a set as Parquet files, for DuckDB, Polars, Spark and the like."""
from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .histogram import Histogram
from .reading import ReportError

if TYPE_CHECKING:
    from .reports import Reports

FRAMES = ("reports", "devices", "runs", "metrics", "series", "histograms", "snapshots", "problems")


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns of numbers, truths and texts alone; a Histogram becomes two lists, bins and counts, and its sub_bits,
    what else is no text JSON."""
    frame = frame.copy(deep=False)
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            frame[name] = values.astype(object)
        elif values.dtype == object and values.map(lambda value: isinstance(value, Histogram)).any():
            for part in ("bins", "counts"):
                frame[part] = [getattr(value, part).tolist() for value in values]
            frame["sub_bits"] = [value.sub_bits for value in values]
            frame = frame.drop(columns=name)
        elif values.dtype == object:
            frame[name] = [as_text(value) for value in values]
    return frame


def as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    return json.dumps(value, sort_keys=True, default=str)


def write(reports: Reports, folder: str | Path) -> list[Path]:
    """See Reports.to_parquet()."""
    if find_spec("pyarrow") is None:
        raise ReportError("Parquet takes pyarrow, which is not installed: pip install pyarrow, or 'vkmembench[parquet]'")
    folder, files = Path(folder), []
    folder.mkdir(parents=True, exist_ok=True)
    for name in FRAMES:
        files.append(folder / f"{name}.parquet")
        plain(getattr(reports, name)).to_parquet(files[-1], engine="pyarrow", index=name == "runs")
    return files
