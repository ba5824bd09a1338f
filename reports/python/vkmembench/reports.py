"""Sets of reports as tidy frames."""
from __future__ import annotations

import glob
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import blake2b
from os.path import commonpath
from pathlib import Path

import numpy as np
import pandas as pd

from . import parquet, tidy
from .reading import METRIC_TEXTS, Codes, ReportError, parse, read, read_bytes, taken_apart, without_collector
from .store import as_report, read_index, settings_of, stored_report, stores_in

# What names a run in every frame; `run` is its row in Reports.runs, which has all the rest.
RUN_KEYS = ["report", "device", "scenario", "strategy", "repeat"]


class Reports:
    """Runs of one or more reports. Frames are made when they are first asked for, series, histograms and snapshots by
    reading the files again; a frame is the caller's to read, not to change.

    reports     a row for each report: label, file, tool, host, device, scenario, hashes
    devices     a row for each device: memory, limits, driver
    runs        a row for each run: strategy, parameters, status, clock, rounds, and the columns of its report
    metrics     a row for each run, metric and scope (empty for the total); value is NaN where nothing was measured, with a
                reason, and note says what a value leaves out. low and high: where the median over rounds lies with 95 %, the value itself of exact metrics, NaN
                where the noise is not known. needs_n: the samples that a percentile lacks to be one, else 0
    series      a row for each run, column and recorded frame: last, min, max
    histograms  a row for each run and histogram, with the Histogram
    snapshots   a row for each run, label and range of a block, free ranges too (kind "free")
    problems    a row for each file that is bad (loaded False) or only partly of use

    Of a store (`vkmembench merge`) each cell is a report: `report` is its name, `selector` its device in the plan, `settings` what the
    plan set of its scenario. metrics are its totals; opened() has those with a scope too.
    """

    def __init__(self, reports: pd.DataFrame, devices: pd.DataFrame, runs: pd.DataFrame, metrics: pd.DataFrame,
                 problems: pd.DataFrame) -> None:
        self.reports, self._devices, self.runs, self.metrics, self.problems = reports, devices, runs, metrics, problems

    def __len__(self) -> int:
        return len(self.runs)

    def __repr__(self) -> str:
        counts = {name: self.runs[name].nunique() for name in ("report", "device", "scenario", "strategy")}
        bad = int((~self.problems["loaded"]).sum())
        return f"{len(self)} runs: " + ", ".join(f"{n} {name}{'s' if n != 1 else ''}" for name, n in counts.items()).replace(
            "strategys", "strategies") + (f"; {bad} bad files, see .problems" if bad else "")

    @property
    def devices(self) -> pd.DataFrame:
        return self._devices[self._devices["device"].isin(self.runs["device"])].reset_index(drop=True)

    def where(self, **conditions: object) -> Reports:
        """The runs that meet every condition on a column of `runs`: a value, a pattern such as "core-*", or a list of them."""
        keep = pd.Series(True, index=self.runs.index)
        for column, wanted in conditions.items():
            if column not in self.runs:
                raise ReportError(f"no column '{column}' of runs; there are {', '.join(self.runs)}")
            wanted = [wanted] if isinstance(wanted, str) or not hasattr(wanted, "__iter__") else list(wanted)
            keep &= self.runs[column].map(lambda value: any(
                fnmatchcase(value, one) or value == one if isinstance(one, str) and isinstance(value, str) else value == one for one in wanted))
        runs = self.runs[keep]
        if runs.empty:
            told = ", ".join(f"{column} {self.runs[column].unique()[:12].tolist()}" for column in conditions if column != "parameters")
            raise ReportError(f"no run matches {conditions}; there are {told}")
        return Reports(self.reports[self.reports["report"].isin(runs["report"])], self._devices, runs,
                       self.metrics[self.metrics["run"].isin(runs.index)], self.problems)

    def opened(self) -> Reports:
        """The same runs with every metric, those of scopes too, by opening each report."""
        return load(self.runs["file"].unique())

    def pivot(self, metric: str, rows: str = "scenario", columns: str = "strategy", scope: str = "") -> pd.DataFrame:
        """One metric as a table, the median where a cell has several runs; empty where a percentile has too few samples to be
        one. Runs of different traces or clocks, or values of an exact metric that differ, do not make a cell: ReportError."""
        known = [column for column in self.runs if column != "parameters"]
        for column in (rows, columns):
            if column not in known:
                raise ReportError(f"no column '{column}' of runs; there are {', '.join(known)}")
        if rows == columns:
            raise ReportError(f"'{rows}' for both rows and columns; name two of {', '.join(known)}")
        values = self.metrics[(self.metrics["metric"] == metric) & (self.metrics["scope"] == scope)]
        if values.empty:
            near = sorted(name for name in self.metrics["metric"].unique() if str(metric).split(".")[0] in name)
            raise ReportError(f"no metric '{metric}'{f' of {scope}' if scope else ''}; there are {', '.join(near) or 'others'}")
        context = [key for key in ("trace_hash", "clock", "replay") if key not in (rows, columns)]
        values = values.assign(value=values["value"].mask(values["needs_n"] > 0))[["run", "value", "class"]]
        values = values.join(self.runs[[rows, columns, *context]], on="run")
        cells = values.groupby([rows, columns], sort=False)
        for key in context:
            mixed = cells[key].nunique()
            if (mixed > 1).any():
                raise ReportError(f"{mixed.index[mixed > 1][0]} has runs of several values of {key}; choose some with where()")
        differing = values[values["class"] == "exact"].groupby([rows, columns])["value"].nunique() > 1
        if differing.any():
            raise ReportError(f"{differing.index[differing][0]}: runs differ in {metric}, which is exact; choose some with where(), or other rows")
        table = cells["value"].median().unstack()
        return table.reindex(index=values[rows].unique(), columns=values[columns].unique())

    def to_parquet(self, folder: str | Path) -> list[Path]:
        """Writes the frames as FRAME.parquet into the folder, made with its parents, and returns the files. What is no number
        or text is text there: parameters as JSON; a histogram is count, sum, min, max and its bins. Takes pyarrow,
        ReportError without it."""
        return parquet.write(self, folder)

    @cached_property
    def series(self) -> pd.DataFrame:
        return self._lazily(tidy.series_rows)

    @cached_property
    def histograms(self) -> pd.DataFrame:
        return self._lazily(tidy.histogram_rows)

    @cached_property
    def snapshots(self) -> pd.DataFrame:
        return self._lazily(tidy.snapshot_rows)

    @without_collector()
    def _lazily(self, rows_of):
        frames = []
        for file, runs in self.runs.groupby("file", sort=False):
            data = read(file)
            for run, row in runs.iterrows():
                try:
                    frame = pd.DataFrame(rows_of(data["runs"][row["position"]]))
                except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
                    raise ReportError(f"{file}: {error!r} in the run of {row['strategy']}; `vkmembench validate` says where") from None
                for at, key in enumerate(RUN_KEYS):
                    frame.insert(at, key, row[key])
                frame.insert(0, "run", run)
                frames.append(frame)
        return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def files_of(sources):
    """Every file of the paths, folders (their *.json, at any depth) and patterns, once, every store that folders are or hold, and what
    matches nothing as problems."""
    sources = [sources] if isinstance(sources, (str, Path)) or not hasattr(sources, "__iter__") else list(sources)
    odd = [source for source in sources if not isinstance(source, (str, Path))]
    if odd:
        raise ReportError(f"{odd[0]!r:.40} is no path; name a report, a folder of them or a pattern such as out/**/*.json")
    files, stores, missing = {}, {}, []
    for source in map(Path, sources):
        inside = stores_in(source) if source.is_dir() else []
        if inside:
            stores.update({store.resolve(): store for store in inside})
            continue
        if source.is_dir():
            found = sorted(source.rglob("*.json"))
        elif source.exists():
            found = [source]
        else:
            found = sorted(Path(path) for path in glob.glob(str(source), recursive=True))
        if not found:
            missing.append((str(source), "no report there; name a report, a folder of them or a pattern such as out/**/*.json"))
        files.update({path.resolve(): path for path in found})
    return list(files.values()), list(stores.values()), missing


def labels_of(files):
    """A short name for each file: its path without what all have in common and without the ending."""
    if not files:
        return []
    paths = [path.resolve() for path in files]
    root = Path(commonpath([path.parent for path in paths]))
    return [path.relative_to(root).as_posix().removesuffix(".zst").removesuffix(".json").removesuffix(".report") for path in paths]


@without_collector()
def load(sources: str | Path | Iterable[str | Path]) -> Reports:
    """Reads reports: a path, a folder, a pattern, a store of `vkmembench merge`, or a list of them. A file that cannot be used is
    listed in `problems` and the others are loaded; ReportError when there is none that can."""
    files, stores, missing = files_of(sources)
    loading = Loading()
    loading.problems += [{"file": file, "loaded": False, "reason": why} for file, why in missing]
    for path, label in zip(files, labels_of([*files, *(store / "index" for store in stores)])):
        loading.file(path, label)
    for store, label in zip(stores, labels_of([*files, *(store / "index" for store in stores)])[len(files):]):
        loading.store(store, label.removesuffix("index"))
    return loading.reports()


class Loading:
    """The rows of the frames as reports come."""

    def __init__(self):
        self.problems, self.rows, self.devices, self.runs, self.columns = [], [], {}, [], []
        self.codes = {name: Codes() for name in METRIC_TEXTS}
        self.seen = {}

    def file(self, path, label):
        try:
            data = read_bytes(path)
            same = self.seen.setdefault(blake2b(data).digest(), path)
            if same is not path:
                raise ReportError(f"the same bytes as {same}, which is loaded; remove one")
            row = self.take(parse(data), path, label)
        except (OSError, ReportError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.append({"file": str(path), "loaded": False, "reason": why})
            return
        odd = [f"{run['strategy']} is {run['run_status']}{how_far(run, row)}" for run in self.last_runs if run["run_status"] != "ok"]
        if row["status"] != "ok":
            odd.insert(0, f"the report is {row['status']}")
        if odd:
            self.problems.append({"file": str(path), "loaded": True, "reason": "; ".join(odd)})

    def store(self, store, label):
        """Each cell; one that the index tells wrong is a problem, an index that cannot be read ends its store."""
        try:
            lines = read_index(store)
            head = next(lines, {})
            missing = [{"file": str(store / cell["name"]), "loaded": False, "reason": cell["why"]} for cell in head["missing"]]
            for cell in lines:
                self.take(as_report(head, cell), stored_report(store, cell), label + cell["name"], selector=cell["device"], settings=settings_of(cell))
        except ReportError as error:
            self.problems.append({"file": str(store), "loaded": False, "reason": str(error)})
            return
        except (KeyError, TypeError, AttributeError) as error:
            self.problems.append({"file": str(store), "loaded": False, "reason": f"breaks its schema: {error!r}; merge the plan again"})
            return
        self.problems += missing

    def take(self, report, path, label, selector="", settings=""):
        row, device, runs, metrics = taken_apart(report, self.codes)
        row["device"] = device_name(self.devices, row["device"], device)
        row = {"report": label, "file": str(path), **row, "selector": selector, "settings": settings}
        self.rows.append(row)
        self.runs += [{**row, **run, "position": at} for at, run in enumerate(runs)]
        self.columns.append(metrics)
        self.last_runs = runs
        return row

    def reports(self):
        problems = pd.DataFrame(self.problems, columns=["file", "loaded", "reason"]).astype({"loaded": bool})
        if not self.rows:
            first = f"{problems['file'][0]}: {problems['reason'][0]}" if len(problems) else "no source is named"
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise ReportError(first + more)
        runs = pd.DataFrame(self.runs)
        devices = pd.DataFrame([{"device": name, **row} for name, row in self.devices.items()])
        return Reports(pd.DataFrame(self.rows), devices, runs, metrics_frame(runs, self.columns, self.codes), problems)


def how_far(run, report):
    return "" if run["events_done"] == report["event_count"] else f" after {run['events_done']:,} of {report['event_count']:,} events"


def device_name(devices, name, device):
    """The name to show: another driver or another device of a name seen before gets its driver in brackets."""
    for shown in (name, f"{name} ({device['driver']})", f"{name} ({device['driver']}, {device['uuid'][:8]})"):
        if devices.setdefault(shown, device) == device:
            return shown
    return device_name(devices, name + "'", device)


def metrics_frame(runs, columns, codes):
    run = np.repeat(np.arange(len(runs), dtype=np.int32), [length for one in columns for length in one.lengths])
    frame = {"run": run}
    for key in RUN_KEYS:
        values = runs[key] if key == "repeat" else pd.Categorical(runs[key], categories=runs[key].unique())
        frame[key] = values.take(run) if key != "repeat" else values.to_numpy()[run]
    for key in METRIC_TEXTS:
        numbers = np.fromiter((code for one in columns for code in one.texts[key]), dtype=np.int32, count=len(run))
        frame[key] = pd.Categorical.from_codes(numbers, categories=list(codes[key]))
    for key, kind in (("value", float), ("low", float), ("high", float), ("n", np.int64), ("needs_n", np.int64)):
        frame[key] = np.fromiter((value for one in columns for value in getattr(one, key)), dtype=kind, count=len(run))
    order = ["run", *RUN_KEYS, "metric", "scope_kind", "scope", "value", "low", "high", "unit", "class", "better", "n", "needs_n", "reason", "note"]
    return pd.DataFrame(frame, columns=order)
