"""Comparisons: verdicts only where inputs agree, devices by their own baselines, trends by their change points."""
import json

import numpy as np
import pandas as pd
import pytest

import vkmembench as vk


@pytest.fixture
def pair(samples):
    return vk.load(samples / "regression" / "before.json"), vk.load(samples / "regression" / "after.json")


@pytest.fixture
def edited(samples, tmp_path):
    """edited(name, change): the report before, changed and loaded."""
    def make(name, change):
        report = json.loads((samples / "regression" / "before.json").read_text(encoding="utf-8"))
        change(report)
        (tmp_path / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
        return vk.load(tmp_path / f"{name}.json")
    return make


def totals(table):
    return table[table["scope"] == ""].set_index("metric")


def test_reports(pair):
    rows = totals(vk.compare_reports(*pair))
    before, after = (side.pivot("mem.reserved_peak_bytes").iloc[0, 0] for side in pair)
    peak = rows.loc["mem.reserved_peak_bytes"]
    assert (peak["base"], peak["candidate"], peak["verdict"]) == (before, after, "worse")
    assert peak["ratio"] == after / before and peak["change"] == after - before
    assert rows.loc["api.allocate_memory_count", "verdict"] == "better"
    assert rows.loc["alloc.count", "verdict"] == "same" and rows.loc["alloc.count", "ratio"] == 1
    assert rows.loc["time.destroy_ns.p50", "verdict"] in ("not judged", "same")
    back = totals(vk.compare_reports(*reversed(pair)))
    assert back.loc["mem.reserved_peak_bytes", "verdict"] == "better"


def test_a_report_and_itself(pair):
    table = vk.compare_reports(pair[0], pair[0])
    assert set(table["verdict"]) <= {"same", "not comparable"}
    assert set(table.loc[table["verdict"] == "not comparable", "why"]) == {"no value (see its reason)"}


def test_instructions_compare_where_libraries_are_the_same(edited):
    def counted(library, value):
        def change(report):
            report["tool"]["counted"] = {"libc.so.6": library}
            report["runs"][0]["metrics"].append({"id": "instr.total_count", "value": value, "unit": "count", "class": "exact",
                                                 "better": "lower", "n": 1})
        return change
    base = edited("base", counted("one", 100))
    assert totals(vk.compare_reports(base, edited("more", counted("one", 101)))).loc["instr.total_count", "verdict"] == "worse"
    rows = totals(vk.compare_reports(base, edited("other", counted("another", 100))))
    assert rows.loc["instr.total_count", "why"] == "instructions of other targets or libraries"
    assert rows.loc["mem.reserved_peak_bytes", "verdict"] == "same"


@pytest.mark.parametrize("change, told, timed_only", [
    (lambda report: report["scenario"].update(trace_hash="0" * 16), "the traces differ", False),
    (lambda report: report["device"].update(requirements_hash="0" * 16), "the device answers otherwise", False),
    (lambda report: report["runs"][0].update(clock="wall"), "the clocks differ", True),
    (lambda report: report["runs"][0].update(replay="concurrent"), "ordered and concurrent replay", False),
    (lambda report: report["runs"][0].update(status="interrupted"), "a run of the candidate did not end", False),
])
def test_what_is_not_comparable(pair, edited, change, told, timed_only):
    table = vk.compare_reports(pair[0], edited("other", change))
    timed = table["unit"].isin(["ns", "per_s", "bytes_per_s"]) | table["metric"].str.startswith("time.")
    barred = table[timed] if timed_only else table
    assert set(barred["verdict"]) == {"not comparable"} and set(barred["why"]) == {told}
    assert barred["ratio"].isna().all()
    if timed_only:
        assert totals(table).loc["mem.reserved_peak_bytes", "verdict"] == "same"


def test_one_sided_metrics_and_repeats_that_differ(pair, edited, tmp_path):
    rows = totals(vk.compare_reports(pair[0], edited("without", lambda report: report["runs"][0]["metrics"].pop(0))))
    assert rows.loc["alloc.count", ["verdict", "why"]].tolist() == ["not comparable", "only in the base"]

    def repeated(report):
        again = json.loads(json.dumps(report["runs"][0]))
        again["repeat"] = 1
        again["metrics"][0]["value"] += 1
        report["runs"].append(again)
    rows = totals(vk.compare_reports(edited("repeated", repeated), pair[1]))
    assert rows.loc["alloc.count", ["verdict", "why"]].tolist() == ["not comparable", "runs of the base differ in an exact metric"]
    assert rows.loc["mem.reserved_peak_bytes", "verdict"] == "worse"


def test_nothing_in_common(pair, samples):
    with pytest.raises(vk.ReportError, match="nothing in common"):
        vk.compare_reports(pair[0], vk.load(samples / "history"))


def test_differences(pair):
    told = vk.differences(*pair).set_index("what")
    assert told.loc["engine: min_block_bytes"].tolist() == [4194304, 134217728]
    assert vk.differences(pair[0], pair[0]).empty


def test_strategies(samples):
    reports = vk.load(samples / "devices")
    rows = vk.compare_strategies(reports, "vma", "mem.reserved_peak_bytes")
    assert len(rows) == 4 * 2 * 4
    for row in rows.itertuples():
        of = reports.where(report=row.report).pivot("mem.reserved_peak_bytes").iloc[0]
        assert row.ratio == of[row.strategy] / of["vma"]
    with pytest.raises(vk.ReportError, match="baseline 'vam'.*vma"):
        vk.compare_strategies(reports, "vam")
    with pytest.raises(vk.ReportError, match="no run has mem.nothing"):
        vk.compare_strategies(reports, "vma", "mem.nothing")


def test_devices(samples, edited):
    reports = vk.load(samples / "devices")
    table = vk.compare_devices(reports, "time.driver_ns")
    devices = [column for column in table if column != "note"]
    assert len(devices) == 4 and (table.xs("vma", level="strategy")[devices] == 1).all(axis=None)
    assert table.loc[("churn", "dedicated"), "note"] == "refuses requests on Mali-G7x (mobile, assumed)"
    assert table.loc["churn", "note"].drop("dedicated").eq("").all() and table.loc["texture_streaming", "note"].str.contains("formats differ").all()
    with pytest.raises(vk.ReportError, match="absolute times"):
        vk.compare_devices(reports, "time.driver_ns", relative=False)
    absolute = vk.compare_devices(reports, "mem.reserved_peak_bytes", relative=False)
    assert absolute.loc[("churn", "vma"), devices[0]] == reports.where(scenario="churn").pivot("mem.reserved_peak_bytes", rows="device").loc[devices[0], "vma"]


def test_devices_of_different_traces(samples, tmp_path):
    for device, seed in (("amd-rx-6600", 0), ("intel-iris-xe", 1)):
        report = json.loads((samples / "devices" / f"{device}-churn.json").read_text(encoding="utf-8"))
        report["scenario"]["trace_hash"] = f"{seed:016x}"
        (tmp_path / f"{device}.json").write_text(json.dumps(report), encoding="utf-8")
    table = vk.compare_devices(vk.load(tmp_path), "mem.reserved_peak_bytes")
    assert table.drop(columns="note").isna().all(axis=None) and set(table["note"]) == {"not comparable: the traces differ"}


def test_flips(samples):
    cells = {("churn", "a"): (1.0, 1.0, 1.0, ""), ("churn", "b"): (0.9, 1.2, 1.01, ""), ("churn", "c"): (0.9, 0.99, np.nan, "")}
    table = pd.DataFrame.from_dict(cells, orient="index", columns=["X", "Y", "Z", "note"])
    table.index = pd.MultiIndex.from_tuples(cells, names=["scenario", "strategy"])
    assert vk.flips(table).values.tolist() == [["churn", "a", "b", "Y", "X"]]
    assert len(vk.flips(table, by=0.005)) == 1 and vk.flips(table, by=0.3).empty
    reports = vk.load(samples / "devices")
    assert vk.flips(vk.compare_devices(reports, "alloc.count")).empty
    turned = vk.flips(vk.compare_devices(reports, "time.driver_ns")).set_index(["one", "other"])
    assert turned.loc[("vma", "core-default"), "one lower on"] == "NVIDIA GeForce RTX 3090"


def test_trend(samples):
    reports = vk.load(samples / "history")
    order = sorted(reports.reports["report"])
    rows = vk.trend(reports, "mem.reserved_peak_bytes", order, [f"c{name}" for name in order])
    assert list(rows.loc[rows["changed"], "label"]) == ["c04", "c08"]
    assert rows["level"].equals(rows["value"])
    assert list(vk.trend(reports, "mem.reserved_peak_bytes")["report"]) == order  # made in this order
    backwards = vk.trend(reports, "mem.reserved_peak_bytes", order[::-1])
    assert list(backwards.loc[backwards["changed"], "report"]) == ["07", "03"]
    for arguments, told in ((([*order, "12"],), "no report 12"), ((order, ["a"]), "1 labels"), (([],), "no report")):
        with pytest.raises(vk.ReportError, match=told):
            vk.trend(reports, "mem.reserved_peak_bytes", *arguments)
    with pytest.raises(vk.ReportError, match="one device"):
        vk.trend(vk.load(samples / "devices"), "mem.reserved_peak_bytes")


def test_change_points_find_a_step_and_not_noise():
    source, false, found = np.random.default_rng(3), 0, 0
    for _ in range(150):
        noise = source.normal(0, 0.03, 24)
        false += bool(vk.change_points(1000 * np.exp(noise), noisy=True))
        points = vk.change_points(1000 * np.exp(noise + np.repeat([0, 0.1], 12)), noisy=True)
        found += len(points) == 1 and abs(points[0] - 12) <= 1
    assert false <= 9 and found >= 135


def test_change_points_of_exact_values():
    assert vk.change_points([5, 5, 6, 6, 6, 5], noisy=False) == [2, 5]
    assert vk.change_points([7], noisy=False) == [] == vk.change_points([7, 7], noisy=True)
    assert vk.change_points([100, 100, 100, 100, 900, 100, 100, 100], noisy=True) == []  # one odd run is no level
    with pytest.raises(vk.ReportError):
        vk.change_points([1, float("nan")], noisy=False)


def test_flips_of_another_table(samples):
    reports = vk.load(samples / "nvidia-h100-churn.json")
    for table in (reports.runs, reports.pivot("mem.reserved_peak_bytes")):
        with pytest.raises(vk.ReportError, match="compare_devices"):
            vk.flips(table)


@pytest.fixture
def noisy(samples, tmp_path):
    """noisy(vma=(low, high, n), ...): a report of these strategies measured in rounds, with such frames; `drop` leaves low and
    high out."""
    def make(name="noisy", simulated=False, drop=False, **frames):
        report = json.loads((samples / "devices" / "nvidia-rtx-3090-churn.json").read_text(encoding="utf-8"))
        report["device"]["simulated"] = simulated
        report["runs"] = [run for run in report["runs"] if run["strategy"]["name"].replace("-", "_") in frames]
        for run in report["runs"]:
            run.update(clock="wall", rounds=10)
            run.pop("repeat", None)
            low, high, n = frames[run["strategy"]["name"].replace("-", "_")]
            for metric in run["metrics"]:
                if metric["id"] == "time.frame_ns.p99":
                    metric.update({"class": "noisy", "value": (low + high) / 2, "n": n, **({"needs_n": 1000} if n < 1000 else {})})
                    metric.update({} if drop else {"low": low, "high": high})
        (tmp_path / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
        return vk.load(tmp_path / f"{name}.json")
    return make


FRAME = "time.frame_ns.p99"


def test_strategies_within_noise_are_not_ranked(noisy):
    reports = noisy(dedicated=(300, 400, 9999), vma=(100, 150, 9999), core_default=(140, 160, 9999))
    rows = vk.compare_strategies(reports, "vma", FRAME).set_index("strategy")
    assert rows["verdict"].to_dict() == {"dedicated": "worse", "vma": "same", "core-default": "within noise"}
    assert rows.loc["core-default", ["low", "high", "low_base", "high_base"]].tolist() == [140, 160, 100, 150]
    table = vk.ranking(reports, FRAME)
    assert table[["strategy", "rank"]].values.tolist() == [["vma", 1], ["core-default", 1], ["dedicated", 3]]
    assert vk.ranking(reports, "mem.reserved_peak_bytes")["rank"].is_unique


def test_what_does_not_rank(noisy, samples):
    few = noisy("few", vma=(1, 2, 58), core_default=(3, 4, 58))
    with pytest.raises(vk.ReportError, match="is of 58 samples and takes 1,000; look at time.frame_ns.max"):
        vk.ranking(few, FRAME)
    assert few.pivot(FRAME).isna().all(axis=None) and few.metrics.query("metric == @FRAME")["needs_n"].eq(1000).all()
    row = vk.compare_strategies(few, "vma", FRAME).iloc[1]
    assert (row["verdict"], row["why"]) == ("not comparable", "of 58 samples; a percentile takes 1,000")
    stubbed = noisy("stubbed", simulated=True, vma=(1, 2, 9999), core_default=(3, 4, 9999))
    with pytest.raises(vk.ReportError, match="only the allocator's own work; run with --clock model"):
        vk.ranking(stubbed, FRAME)
    row = vk.compare_strategies(stubbed, "vma", FRAME).iloc[1]
    assert row["verdict"] == "not judged" and "only the allocator's own work" in row["why"]
    with pytest.raises(vk.ReportError, match="its noise is not known; run with --repeat auto"):
        vk.ranking(noisy("once", vma=(1, 2, 9999), core_default=(3, 4, 9999), drop=True), FRAME)


def test_reports_within_noise(noisy):
    base, near, far = (noisy(name, vma=bounds) for name, bounds in (("base", (100, 200, 9999)), ("near", (150, 250, 9999)), ("far", (300, 400, 9999))))
    verdict = {name: totals(vk.compare_reports(base, other)).loc[FRAME] for name, other in (("near", near), ("far", far))}
    assert verdict["near"]["verdict"] == "within noise"
    assert verdict["far"]["verdict"] == "not judged" and "only paired runs" in verdict["far"]["why"]
    assert verdict["far"][["low_base", "high_base", "low_candidate", "high_candidate"]].tolist() == [100, 200, 300, 400]


def test_repeats_of_older_reports_have_an_interval(edited):
    def repeated(report, times):
        base = report["runs"][0]
        base["clock"] = "wall"
        report["runs"] = [json.loads(json.dumps({**base, "repeat": at})) for at in range(times)]
        for at, run in enumerate(report["runs"]):
            for metric in run["metrics"]:
                if metric["id"] == "time.driver_ns":
                    metric.update({"class": "noisy", "value": 100 + at})
    six, five = (edited(f"of{times}", lambda report, times=times: repeated(report, times)) for times in (6, 5))
    row = totals(vk.compare_reports(six, five)).loc["time.driver_ns"]
    assert row[["base", "low_base", "high_base"]].tolist() == [102.5, 100, 105]
    assert np.isnan(row["low_candidate"]) and row["why"] == "the noise is not known: too few rounds"


def test_flips_need_more_than_noise(noisy):
    def table(bounds):
        made = pd.DataFrame({"X": [1.0, 2.0], "Y": [2.0, 1.0]}, index=pd.MultiIndex.from_tuples([("s", "a"), ("s", "b")], names=["scenario", "strategy"]))
        made.attrs["bounds"] = bounds
        return made
    exact = {("s", strategy, device): (value, value) for strategy, row in (("a", (1, 2)), ("b", (2, 1))) for device, value in zip("XY", row)}
    assert len(vk.flips(table(exact))) == 1
    assert vk.flips(table({**exact, ("s", "a", "X"): (0.5, 2.5)})).empty
    assert vk.flips(table({**exact, ("s", "a", "X"): (np.nan, np.nan)})).empty


def test_a_level_needs_intervals_apart():
    values = np.array([100.0] * 6 + [120.0] * 6)
    assert vk.change_points(values, noisy=True) == [6]
    assert vk.change_points(values, noisy=True, low=values * 0.99, high=values * 1.01) == [6]
    assert vk.change_points(values, noisy=True, low=values * 0.8, high=values * 1.2) == []
    assert vk.change_points(values, noisy=True, low=values * np.nan, high=values) == [6]
