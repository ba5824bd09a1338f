"""What differs: between two sets of reports (commits), between strategies, between devices.

Numbers are compared only where they mean the same. Exact metrics do if trace and, on one device, its answers agree; bytes and
counts also across clocks, times never. Otherwise a row is "not comparable" and says why; it is never "worse".
"""
from itertools import combinations

import numpy as np
import pandas as pd

from .reading import ReportError

KEYS = ["device", "scenario", "strategy", "metric", "scope"]
CONTEXT = ["trace_hash", "requirements_hash", "clock", "replay", "run_status"]
TIME_UNITS = ("ns", "per_s", "bytes_per_s")
HEADLINES = ("mem.reserved_peak_bytes", "mem.reserved_over_live_ratio", "frag.external_ratio.mean", "api.allocate_memory_count",
             "time.create_buffer_ns.p50", "time.create_image_ns.p50", "time.frame_ns.p99")


def _values(reports, metrics, keys):
    """A row for each key: the median over its runs, and what they were made with."""
    rows = reports.metrics
    if metrics is not None:
        names = [metrics] if isinstance(metrics, str) else list(metrics)
        rows = rows[rows["metric"].isin(names)]
        if rows.empty:
            raise ReportError(f"no run has {', '.join(names)}")
    grouped = rows.astype({key: object for key in [*keys, "class", "better", "unit"]}).groupby(keys, sort=False)
    made = grouped.agg(value=("value", "median"), low=("value", "min"), high=("value", "max"), unit=("unit", "first"),
                       better=("better", "first"), **{"class": ("class", "first")})
    made["differs"] = (made["class"] == "exact") & (made["low"] < made["high"])
    of_run = [key for key in keys if key not in ("metric", "scope")]
    context = reports.runs.groupby(of_run, sort=False)[CONTEXT].agg(lambda values: " and ".join(sorted(set(values))))
    return made.drop(columns=["low", "high"]).join(context, on=of_run)


def _judge(pairs):
    """Adds ratio, verdict and why to rows with base and candidate side by side."""
    told = {"trace_hash": "the traces differ", "requirements_hash": "the device answers otherwise", "clock": "the clocks differ",
            "replay": "ordered and concurrent replay"}
    timed = pairs["unit"].isin(TIME_UNITS) | pairs["metric"].str.startswith("time.")
    why = pd.Series("", index=pairs.index)
    for key, text in told.items():
        odd = (pairs[f"{key}_base"] != pairs[f"{key}_candidate"]) & (timed if key == "clock" else True)
        why[odd & (why == "")] = text
    for side in ("base", "candidate"):
        other = "candidate" if side == "base" else "base"
        why[pairs[f"run_status_{side}"].notna() & (pairs[f"run_status_{side}"] != "ok")] = f"a run of the {side} did not end"
        why[pairs[f"differs_{side}"].fillna(False).astype(bool)] = f"runs of the {side} differ in an exact metric"
        why[pairs[f"run_status_{side}"].isna()] = f"only in the {other}"
    why[(why == "") & pairs[["base", "candidate"]].isna().any(axis=1)] = "no value (see its reason)"
    change = pairs["candidate"] - pairs["base"]
    worse = np.where(pairs["better"] == "higher", change < 0, change > 0)
    verdict = np.select([why != "", change == 0, pairs["class"].isin(["noisy", "info"]), pairs["better"] == "neither", worse],
                        ["not comparable", "same", "not judged", "changed", "worse"], "better")
    why[(verdict == "not judged") & (pairs["class"] == "noisy")] = "noisy: only paired runs (`vkmembench ab`) can tell"
    zero = (pairs["base"] == 0) & (change == 0)
    return pairs.assign(change=change, ratio=(pairs["candidate"] / pairs["base"]).mask(zero, 1.0).mask(why.str.len().gt(0) & (verdict == "not comparable")),
                        verdict=verdict, why=why)


def compare_reports(base, candidate, metrics=None):
    """Two sets of reports, of two commits say: a row for each metric and scope of each device, scenario and strategy. The
    verdict is better, worse, same, changed (neither is better), not judged (noisy) or not comparable, with why."""
    left, right = _values(base, metrics, KEYS), _values(candidate, metrics, KEYS)
    if left.index.intersection(right.index).empty:
        raise ReportError(f"nothing in common: base has {_told(base)}, candidate {_told(candidate)}")
    pairs = left.join(right, how="outer", lsuffix="_base", rsuffix="_candidate", sort=False)
    for key in ("unit", "better", "class"):
        pairs[key] = pairs[f"{key}_candidate"].fillna(pairs[f"{key}_base"])
    pairs = _judge(pairs.rename(columns={"value_base": "base", "value_candidate": "candidate"}).reset_index())
    return pairs[[*KEYS, "unit", "class", "base", "candidate", "change", "ratio", "verdict", "why"]]


def compare_strategies(reports, baseline="vma", metrics=HEADLINES):
    """Every strategy against the baseline strategy of its own device, scenario and report: a row for each metric's total, with
    value, that of the baseline, their ratio, and the requests that the strategy refused: one that refuses holds less for it."""
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
    pairs = _judge(pairs).rename(columns={"candidate": "value"})
    failed = reports.metrics[(reports.metrics["metric"] == "alloc.failed_count") & (reports.metrics["scope"] == "")]
    refused = failed.astype({"report": object, "strategy": object}).groupby(["report", "strategy"])["value"].max()
    pairs["refused"] = pairs[["report", "strategy"]].apply(lambda row: refused.get(tuple(row), 0), axis=1)
    return pairs[["report", *KEYS[:4], "unit", "class", "better", "value", "base", "ratio", "refused", "why"]]


def compare_devices(reports, metric, baseline="vma", relative=True):
    """One metric over devices: rows scenario and strategy, a column a device. Relative, each device's values are divided by its
    own baseline strategy's; times of different machines mean something only so. A last column, `note`, says where the
    devices served different requests, and where the strategy refused some."""
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
    return table


def flips(table, by=0.02):
    """Where the ranking of strategies turns from one device to the next: of a compare_devices() table, the pairs of strategies
    of which one is lower on a device and the other on another, by more than `by` on both."""
    if list(table.index.names) != ["scenario", "strategy"]:
        raise ReportError("no table of compare_devices(): its rows are not scenario and strategy")
    found = []
    devices = [column for column in table if column != "note"]
    for scenario, rows in table.groupby(level="scenario", sort=False):
        rows = rows.droplevel("scenario")[devices].astype(float)
        for one, other in combinations(rows.index, 2):
            ratio = (rows.loc[one] / rows.loc[other]).dropna()
            low, high = ratio[ratio < 1 / (1 + by)], ratio[ratio > 1 + by]
            if len(low) and len(high):
                found.append({"scenario": scenario, "one": one, "other": other, "one lower on": ", ".join(low.index),
                              "other lower on": ", ".join(high.index)})
    return pd.DataFrame(found, columns=["scenario", "one", "other", "one lower on", "other lower on"])


def differences(base, candidate):
    """What the two sets were made with, where it differs: tool, host, device, scenario, and each parameter of a strategy."""
    rows = []
    for key in ("version", "git_sha", "build_type", "compiler", "flags", "vma", "cpu", "kernel", "device", "driver", "scenario", "seed",
                "trace_hash", "requirements_hash", "clock", "replay", "substitutions"):
        before, after = (sorted(set(side.runs[key].astype(str))) for side in (base, candidate))
        if before != after:
            rows.append((key, ", ".join(before), ", ".join(after)))
    parameters = [dict(zip(side.runs["strategy"], side.runs["parameters"])) for side in (base, candidate)]
    for strategy in sorted(parameters[0].keys() & parameters[1].keys()):
        before, after = (side[strategy] for side in parameters)
        rows += [(f"{strategy}: {key}", before.get(key), after.get(key)) for key in {**before, **after} if before.get(key) != after.get(key)]
    return pd.DataFrame(rows, columns=["what", "base", "candidate"])


def device_differences(reports):
    """The properties in which the set's devices differ, a column a device."""
    table = reports.devices.set_index("device").T
    return table[table.astype(str).nunique(axis=1) > 1]


def _told(reports):
    return ", ".join(f"{scenario} on {device}" for scenario, device in reports.runs[["scenario", "device"]].drop_duplicates().values[:4])
