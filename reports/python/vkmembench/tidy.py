"""The parts of a run that are read when they are asked for, as columns of tidy frames."""
from itertools import chain

import numpy as np

from .histogram import Histogram


def series_rows(run):
    """column, frame, last, min, max; extremes that the report leaves out equal `last`."""
    series = run["series"]
    names, frames = list(series["columns"]), np.array(series["frame"], dtype=np.int64)

    def stacked(stat):
        parts = [np.array(column.get(stat, column["last"]), dtype=float) for column in series["columns"].values()]
        if any(len(part) != len(frames) for part in parts):
            raise ValueError("a column of the series is not as long as its frames")
        return np.concatenate(parts) if parts else np.array([])

    return {"column": np.repeat(np.array(names, dtype=object), len(frames)), "frame": np.tile(frames, len(names)),
            "last": stacked("last"), "min": stacked("min"), "max": stacked("max")}


def histogram_rows(run):
    """metric, and the Histogram with its usual figures."""
    made = [(data["id"], Histogram.from_json(data)) for data in run["histograms"]]
    return {"metric": [name for name, _ in made], "count": [h.count for _, h in made], "min": [h.min for _, h in made],
            "p50": [h.quantile(0.5) for _, h in made], "p99": [h.quantile(0.99) for _, h in made], "max": [h.max for _, h in made],
            "histogram": [h for _, h in made]}


SPAN_COLUMNS = ("label", "frame", "block", "heap", "type", "pool", "block_bytes", "offset", "size", "kind", "tag")


def snapshot_rows(run):
    """A row for each range of each block, by offset: what lies there, "free" between, and "unlisted" where allocations lie, or
    may lie, that the report left out."""
    rows = chain.from_iterable(ranges_of(snapshot, block, run["tags"]) for snapshot in run["snapshots"] for block in snapshot["blocks"])
    return dict(zip(SPAN_COLUMNS, map(list, zip(*rows)))) or {name: [] for name in SPAN_COLUMNS}


def is_unlisted(snapshot):
    """Whether gaps of the snapshot may hold allocations: blocks that lost some say where any lay, but not in older reports."""
    lost = snapshot.get("spans_dropped", 0) > snapshot.get("blocks_dropped", 0)
    return lost and not any("used" in block for block in snapshot["blocks"])


def ranges_of(snapshot, block, tags):
    head = (snapshot["label"], snapshot["frame"], block["id"], block["heap"], block["type"], block["pool"], block["size_bytes"])
    end, unlisted = 0, [(0, block["size_bytes"])] if is_unlisted(snapshot) else block.get("used", [])
    for offset, size, kind, tag in block["spans"]:
        yield from ((*head, *gap) for gap in gaps_of(end, offset, unlisted))
        yield (*head, offset, size, kind, tags[tag] if tag < len(tags) else "")
        end = max(end, offset + size)
    yield from ((*head, *gap) for gap in gaps_of(end, block["size_bytes"], unlisted))


def gaps_of(begin, end, unlisted):
    """(offset, size, kind, tag) of what lies from begin to end, given where unlisted allocations may lie."""
    for offset, size in unlisted:
        if offset + size <= begin or offset >= end:
            continue
        if offset > begin:
            yield begin, offset - begin, "free", ""
            begin = offset
        yield begin, min(end, offset + size) - begin, "unlisted", ""
        begin = min(end, offset + size)
    if begin < end:
        yield begin, end - begin, "free", ""
