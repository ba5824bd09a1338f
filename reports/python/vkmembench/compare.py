"""What differs: between two sets of reports (commits), between strategies, between devices.

Numbers are compared only where they mean the same. Exact metrics do if trace and, on one device, its answers agree; bytes and
counts also across clocks, times never. Otherwise a row is "not comparable" and says why; it is never "worse". Noisy metrics
carry where their median over rounds surely lies; what lies within that of another is "within noise".
"""
from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .gate import sign_interval
from .metrics import metrics_shown
from .reading import ReportError

if TYPE_CHECKING:
    from .reports import Reports

KEYS = ["device", "scenario", "strategy", "metric", "scope"]
CONTEXT = ["trace_hash", "requirements_hash", "clock", "replay", "counted", "run_status"]
TIME_UNITS = ("ns", "per_s", "bytes_per_s")
HEADLINES = tuple(metrics_shown("compare"))


def _values(reports, metrics, keys):
    """A row for each key: the median over its runs with where it surely lies, and what they were made with."""
    rows = reports.metrics
    if metrics is not None:
        names = [metrics] if isinstance(metrics, str) else list(metrics)
        rows = rows[rows["metric"].isin(names)]
        if rows.empty:
            raise ReportError(f"no run has {', '.join(names)}")
    grouped = rows.astype({key: object for key in [*keys, "class", "better", "unit"]}).groupby(keys, sort=False)
    made = grouped.agg(value=("value", "median"), least=("value", "min"), largest=("value", "max"), low=("low", "min"), high=("high", "max"),
                       known=("low", "count"), runs=("value", "size"), n=("n", "sum"), needs_n=("needs_n", "max"), unit=("unit", "first"),
                       better=("better", "first"), **{"class": ("class", "first")})
    made["differs"] = (made["class"] == "exact") & (made["least"] < made["largest"])
    several = made["runs"] > 1
    made.loc[several & (made["known"] < made["runs"]), ["low", "high"]] = np.nan
    for key in made.index[several & (made["class"] == "noisy")]:  # repeats of older reports, or several reports
        low, high = sign_interval(grouped.get_group(key)["value"])
        if np.isfinite([low, high]).all():
            made.loc[key, ["low", "high"]] = low, high
    of_run = [key for key in keys if key not in ("metric", "scope")]
    told = reports.runs if "counted" in reports.runs else reports.runs.assign(counted="")  # which stores do not say
    context = told.groupby(of_run, sort=False)[CONTEXT].agg(lambda values: " and ".join(sorted(set(values))))
    stubbed = reports.runs["simulated"] & (reports.runs["clock"] == "wall")
    context["stubbed"] = reports.runs.assign(stubbed=stubbed).groupby(of_run, sort=False)["stubbed"].any()
    return made.drop(columns=["least", "largest", "known", "runs"]).join(context, on=of_run)


def is_timed(rows):
    return rows["unit"].isin(TIME_UNITS) | rows["metric"].str.startswith("time.")


def surely_below(low, high):
    """Of frames or rows with low and high: whether noise cannot be why the one lies below the other."""
    return low["high"] < high["low"]


def _judge(pairs, same_run):
    """Adds ratio, verdict and why to rows with base and candidate side by side. `same_run`: both were measured in turns by one run
    of the program, so that noisy figures compare as well where their intervals do not overlap."""
    told = {"trace_hash": "the traces differ", "requirements_hash": "the device answers otherwise", "clock": "the clocks differ",
            "replay": "ordered and concurrent replay", "counted": "instructions of other targets or libraries"}
    timed = is_timed(pairs)
    concerned = {"clock": timed, "counted": pairs["metric"].str.startswith("instr.")}
    why = pd.Series("", index=pairs.index)
    for key, text in told.items():
        odd = (pairs[f"{key}_base"] != pairs[f"{key}_candidate"]) & concerned.get(key, True)
        why[odd & (why == "")] = text
    for side in ("base", "candidate"):
        few = (pairs[f"needs_n_{side}"] > 0) & (why == "")
        counts = pairs.loc[few, [f"n_{side}", f"needs_n_{side}"]].values
        why[few] = [f"of {n:,.0f} samples; a percentile takes {needs:,.0f}" for n, needs in counts]
    for side in ("base", "candidate"):
        other = "candidate" if side == "base" else "base"
        why[pairs[f"run_status_{side}"].notna() & (pairs[f"run_status_{side}"] != "ok")] = f"a run of the {side} did not end"
        why[pairs[f"differs_{side}"].fillna(False).astype(bool)] = f"runs of the {side} differ in an exact metric"
        why[pairs[f"run_status_{side}"].isna()] = f"only in the {other}"
    why[(why == "") & pairs[["base", "candidate"]].isna().any(axis=1)] = "no value (see its reason)"
    change = pairs["candidate"] - pairs["base"]
    worse = np.where(pairs["better"] == "higher", change < 0, change > 0)
    base, candidate = ({bound: pairs[f"{bound}_{side}"] for bound in ("low", "high")} for side in ("base", "candidate"))
    known = base["low"].notna() & candidate["low"].notna()
    within = known & ~surely_below(base, candidate) & ~surely_below(candidate, base)
    noisy = pairs["class"] == "noisy"
    stubbed = timed & pairs["stubbed_candidate"].fillna(False).astype(bool)
    unjudged = (pairs["class"] == "info") | (noisy & (~known | stubbed | (not same_run)))
    verdict = np.select([why != "", change == 0, noisy & within, unjudged, pairs["better"] == "neither", worse],
                        ["not comparable", "same", "within noise", "not judged", "changed", "worse"], "better")
    barred = (verdict == "not judged") & noisy
    why[barred & ~known] = "the noise is not known: too few rounds"
    why[barred & known] = "beyond the noise of each, but only paired runs (`vkmembench ab`) can tell"
    if same_run:
        why[barred & stubbed] = "a simulated device by the wall clock: only the allocator's own work is timed"
    zero = (pairs["base"] == 0) & (change == 0)
    ratio = (pairs["candidate"] / pairs["base"]).mask(zero, 1.0).mask(verdict == "not comparable")
    return pairs.assign(change=change, ratio=ratio, verdict=verdict, why=why)


def compare_reports(base: Reports, candidate: Reports, metrics: Iterable[str] | str | None = None) -> pd.DataFrame:
    """Two sets of reports, of two commits say: a row for each metric and scope of each device, scenario and strategy. The
    verdict is better, worse, same, within noise (the 95 % intervals overlap), changed (neither is better), not judged (noisy
    beyond that) or not comparable, with why."""
    left, right = _values(base, metrics, KEYS), _values(candidate, metrics, KEYS)
    if left.index.intersection(right.index).empty:
        raise ReportError(f"nothing in common: base has {_told(base)}, candidate {_told(candidate)}")
    pairs = left.join(right, how="outer", lsuffix="_base", rsuffix="_candidate", sort=False)
    for key in ("unit", "better", "class"):
        pairs[key] = pairs[f"{key}_candidate"].fillna(pairs[f"{key}_base"])
    pairs = _judge(pairs.rename(columns={"value_base": "base", "value_candidate": "candidate"}).reset_index(), same_run=False)
    bounds = [f"{bound}_{side}" for side in ("base", "candidate") for bound in ("low", "high")]
    return pairs[[*KEYS, "unit", "class", "base", "candidate", "change", "ratio", "verdict", "why", *bounds]]


def compare_strategies(reports: Reports, baseline: str = "vma", metrics: Iterable[str] | str = HEADLINES) -> pd.DataFrame:
    """Every strategy against the baseline strategy of its own device, scenario and report: a row for each metric's total, with
    value, that of the baseline, their ratio, the verdict on it, low and high of both, and the requests that the strategy refused:
    one that refuses holds less for it. Noisy metrics are better or worse only where the 95 % intervals do not overlap."""
    keys = ["report", *KEYS]
    values = _values(reports, metrics, keys).reset_index()
    values = values[values["scope"] == ""]
    if baseline not in set(values["strategy"]):
        raise ReportError(f"no run of the baseline '{baseline}'; there are {', '.join(values['strategy'].unique())}")
    base = values[values["strategy"] == baseline].drop(columns=["strategy", "scope"])
    pairs = values.merge(base, on=["report", "device", "scenario", "metric"], how="left", suffixes=("_candidate", "_base"))
    pairs = pairs.rename(columns={"value_candidate": "candidate", "value_base": "base"})
    for key in ("unit", "better", "class"):
        pairs[key] = pairs[f"{key}_candidate"]
    pairs = _judge(pairs, same_run=True).rename(columns={"candidate": "value", "low_candidate": "low", "high_candidate": "high"})
    failed = reports.metrics[(reports.metrics["metric"] == "alloc.failed_count") & (reports.metrics["scope"] == "")]
    refused = failed.astype({"report": object, "strategy": object}).groupby(["report", "strategy"])["value"].max()
    pairs["refused"] = pairs[["report", "strategy"]].apply(lambda row: refused.get(tuple(row), 0), axis=1)
    return pairs[["report", *KEYS[:4], "unit", "class", "better", "value", "base", "ratio", "refused", "why", "verdict",
                  "low", "high", "low_base", "high_base"]]


def compare_devices(reports: Reports, metric: str, baseline: str = "vma", relative: bool = True) -> pd.DataFrame:
    """One metric over devices: rows scenario and strategy, a column a device. Relative, each device's values are divided by its
    own baseline strategy's; times of different machines mean something only so. A last column, `note`, says where the
    devices served different requests, and where the strategy refused some. `attrs["bounds"]` holds, by (scenario, strategy,
    device), between what values each cell's surely lies."""
    rows = compare_strategies(reports, baseline, metric)
    timed = rows["unit"].isin(TIME_UNITS).any()
    if timed and not relative:
        raise ReportError(f"{metric} is a time: absolute times of different devices are not compared; leave relative=True")
    notes = {}
    for scenario, runs in reports.runs.groupby("scenario", sort=False):
        said = []
        if runs["trace_hash"].nunique() > 1:
            said.append("not comparable: the traces differ")
        if runs.groupby("device")["substitutions"].first().nunique() > 1:
            said.append("formats differ: the devices served different requests")
        if timed and runs["clock"].nunique() > 1:
            said.append("not comparable: the clocks differ")
        notes[scenario] = "; ".join(said)
    cells = rows.groupby(["scenario", "strategy", "device"], sort=False)["ratio" if relative else "value"]
    table = cells.median().unstack().reindex(columns=rows["device"].unique())
    table[[notes[scenario].startswith("not comparable") for scenario, _ in table.index]] = np.nan
    refusing = rows[rows["refused"] > 0].groupby(["scenario", "strategy"])["device"].unique()
    for row in table.index:
        said = [notes[row[0]], f"refuses requests on {', '.join(refusing[row])}" if row in refusing.index else ""]
        table.loc[row, "note"] = "; ".join(filter(None, said))
    bounds = rows.groupby(["scenario", "strategy", "device"], sort=False).agg(low=("low", "min"), high=("high", "max"))
    table.attrs["bounds"] = {key: (low, high) for key, low, high in bounds.itertuples()}
    return table


def flips(table: pd.DataFrame, by: float = 0.02) -> pd.DataFrame:
    """Where the ranking of strategies turns from one device to the next: of a compare_devices() table, the pairs of strategies
    of which one is lower on a device and the other on another, by more than `by` on both and beyond their noise."""
    if list(table.index.names) != ["scenario", "strategy"]:
        raise ReportError("no table of compare_devices(): its rows are not scenario and strategy")
    found = []
    devices = [column for column in table if column != "note"]
    for scenario, rows in table.groupby(level="scenario", sort=False):
        rows = rows.droplevel("scenario")[devices].astype(float)
        for one, other in combinations(rows.index, 2):
            ratio = (rows.loc[one] / rows.loc[other]).dropna()
            ratio = ratio[[told_apart(table, scenario, one, other, device) for device in ratio.index]]
            low, high = ratio[ratio < 1 / (1 + by)], ratio[ratio > 1 + by]
            if len(low) and len(high):
                found.append({"scenario": scenario, "one": one, "other": other, "one lower on": ", ".join(low.index),
                              "other lower on": ", ".join(high.index)})
    return pd.DataFrame(found, columns=["scenario", "one", "other", "one lower on", "other lower on"])


def told_apart(table, scenario, one, other, device):
    """Whether noise cannot be why two strategies differ on a device; of a table without bounds everything counts."""
    bounds = table.attrs.get("bounds", {})
    a, b = (bounds.get((scenario, strategy, device), (value, value)) for strategy, value in ((one, 0), (other, 1)))
    return a[1] < b[0] or b[1] < a[0]


def ranking(reports: Reports, metric: str) -> pd.DataFrame:
    """The strategies of one report by a metric, the best first. rank is 1 where no other is surely better, and one more for each that
    is: strategies that noise does not tell apart share it. `null` and runs that did not end are left out. ReportError where the
    values do not rank: noise not known, too few samples, times without a driver."""
    rows = reports.metrics[(reports.metrics["metric"] == metric) & (reports.metrics["scope"] == "")]
    rows = rows[rows["strategy"] != "null"].astype({"metric": object, "strategy": object, "report": object})
    rows = rows.join(reports.runs[["run_status", "simulated", "clock"]], on="run")
    rows = rows[(rows["run_status"] == "ok") & rows["value"].notna()]
    if rows.empty:
        raise ReportError(f"no run has {metric}")
    for key in ("report", "repeat"):
        if rows[key].nunique() > 1:
            raise ReportError(f"a ranking is of one {key}, these are {', '.join(map(str, rows[key].unique()))}; choose with where()")
    first = rows.iloc[0]
    if (rows["needs_n"] > 0).any():
        raise ReportError(f"{metric} is of {rows['n'].min():,} samples and takes {rows['needs_n'].max():,}; look at {metric.rpartition('.')[0]}.max")
    if is_timed(rows).any() and first["simulated"] and first["clock"] == "wall":
        raise ReportError(f"{metric} ranks nobody: on a simulated device the wall clock times only the allocator's own work; "
                          "run with --clock model")
    if rows["low"].isna().any():
        raise ReportError(f"{metric} ranks nobody: its noise is not known; run with --repeat auto (at least 6 rounds)")
    low, high = (rows["low"], rows["high"]) if first["better"] == "lower" else (-rows["high"], -rows["low"])
    table = rows[["strategy", "value", "low", "high", "unit"]].assign(rank=[1 + int((high < bound).sum()) for bound in low])
    return table.sort_values(["rank", "value"], ascending=[True, first["better"] == "lower"]).reset_index(drop=True)


def differences(base: Reports, candidate: Reports) -> pd.DataFrame:
    """What the two sets were made with, where it differs: tool, host, device, scenario, and each parameter of a strategy."""
    rows = []
    for key in ("version", "git_sha", "build_type", "compiler", "flags", "vma", "counted", "cpu", "kernel", "device", "driver", "scenario", "seed",
                "trace_hash", "requirements_hash", "clock", "replay", "substitutions"):
        before, after = (sorted(set(side.runs[key].astype(str))) if key in side.runs else [""] for side in (base, candidate))
        if before != after:
            rows.append((key, ", ".join(before), ", ".join(after)))
    parameters = [dict(zip(side.runs["strategy"], side.runs["parameters"])) for side in (base, candidate)]
    for strategy in sorted(parameters[0].keys() & parameters[1].keys()):
        before, after = (side[strategy] for side in parameters)
        rows += [(f"{strategy}: {key}", before.get(key), after.get(key)) for key in {**before, **after} if before.get(key) != after.get(key)]
    return pd.DataFrame(rows, columns=["what", "base", "candidate"])


def device_differences(reports: Reports) -> pd.DataFrame:
    """The properties in which the set's devices differ, a column a device."""
    table = reports.devices.set_index("device").T
    return table[table.astype(str).nunique(axis=1) > 1]


def _told(reports):
    return ", ".join(f"{scenario} on {device}" for scenario, device in reports.runs[["scenario", "device"]].drop_duplicates().values[:4])
