"""Loading: the frames, what is read when, and every way in which a file can be bad."""
import json
import shutil

import numpy as np
import pytest

import vkmembench as vk
from vkmembench import reports as reports_module


@pytest.fixture
def folder(samples, tmp_path):
    """Three small reports and their parsed text."""
    for name in ("01", "02", "03"):
        shutil.copy(samples / "history" / f"{name}.json", tmp_path)
    return tmp_path


def edit(path, change):
    """Rewrites a report after change(report)."""
    report = json.loads(path.read_text(encoding="utf-8"))
    change(report)
    path.write_text(json.dumps(report), encoding="utf-8")


def test_metrics_are_those_of_the_file(samples):
    path = samples / "nvidia-h100-scene_switch.json"
    reports = vk.load(path)
    report = json.loads(path.read_text(encoding="utf-8"))
    assert list(reports.runs["strategy"]) == [run["strategy"]["name"] for run in report["runs"]]
    for at, run in enumerate(report["runs"]):
        rows = reports.metrics[reports.metrics["run"] == at]
        assert list(rows["metric"]) == [metric["id"] for metric in run["metrics"]]
        told = [np.nan if metric["value"] is None else metric["value"] for metric in run["metrics"]]
        np.testing.assert_array_equal(rows["value"], told)
        assert list(rows["scope"]) == ["".join(metric.get("scope", {}).values()) for metric in run["metrics"]]
        for text in ("reason", "note"):
            assert list(rows[text]) == [metric.get(text, "") for metric in run["metrics"]]
        assert list(rows["n"]) == [metric["n"] for metric in run["metrics"]]


def test_series_and_snapshots_are_those_of_the_file(samples):
    path = samples / "regression" / "before.json"
    reports = vk.load(path)
    run = json.loads(path.read_text(encoding="utf-8"))["runs"][0]
    for column, of in run["series"]["columns"].items():
        rows = reports.series[reports.series["column"] == column]
        assert list(rows["frame"]) == run["series"]["frame"] and list(rows["last"]) == of["last"]
        assert list(rows["max"]) == of.get("max", of["last"])
    for snapshot in run["snapshots"]:
        rows = reports.snapshots[reports.snapshots["label"] == snapshot["label"]]
        spans = [(block["id"], *span[:3]) for block in snapshot["blocks"] for span in block["spans"]]
        used = rows[~rows["kind"].isin(["free", "unlisted"])]
        assert list(used[["block", "offset", "size", "kind"]].itertuples(index=False, name=None)) == spans
        blocks = rows.groupby("block")
        assert (blocks["size"].sum() == blocks["block_bytes"].first()).all()


def test_sources(folder):
    by_folder, by_pattern = vk.load(folder), vk.load(str(folder / "0*.json"))
    by_list = vk.load([folder / "02.json", str(folder / "*.json")])
    assert len(by_folder) == len(by_pattern) == len(by_list) == 3
    assert list(by_list.reports["report"]) == ["02", "01", "03"]
    assert by_folder.problems.empty and list(by_folder.reports["report"]) == ["01", "02", "03"]


def test_parts_are_read_only_when_asked_for(folder, monkeypatch):
    read, seen = reports_module.read, []
    monkeypatch.setattr(reports_module, "read", lambda path: seen.append(path) or read(path))
    reports = vk.load(folder)
    assert reports.metrics["value"].notna().any() and len(reports.devices) == 1 and not seen
    chosen = reports.where(report="02")
    assert len(chosen.series) > 0 and len(seen) == 1 and seen[0].endswith("02.json")
    assert chosen.series is chosen.series and len(seen) == 1


def test_one_bad_file_among_a_hundred(samples, tmp_path):
    text = (samples / "history" / "01.json").read_text(encoding="utf-8")
    for number in range(100):
        (tmp_path / f"{number:03}.json").write_text(text.replace('"created_utc": "', f'"created_utc": "{number} '), encoding="utf-8")
    (tmp_path / "042.json").write_text(text[:5000], encoding="utf-8")
    reports = vk.load(tmp_path)
    assert len(reports.reports) == 99
    assert reports.problems[["file", "loaded"]].values.tolist() == [[str(tmp_path / "042.json"), False]]
    assert "1 bad file" in repr(reports)


def bad(report, path, value):
    for key in path[:-1]:
        report = report[key]
    if value is None:
        del report[path[-1]]
    else:
        report[path[-1]] = value


@pytest.mark.parametrize("path, value, told", [
    (["schema"], "vkmembench.report/2", "another version"),
    (["schema"], "vkmembench.report/1.5", "another version"),
    (["schema"], "vkmembench.scenario/1", "no report"),
    (["schema"], None, "no report"),
    (["runs"], None, "misses 'runs'"),
    (["runs"], 5, "breaks its schema"),
    (["runs", 0, "metrics"], None, "misses 'metrics'"),
    (["runs", 0, "metrics", 0, "value"], "many", "many"),
    (["runs", 0, "metrics", 0, "value"], float("nan"), "NaN is not JSON"),
    (["runs", 0, "metrics", 0, "value"], float("inf"), "Infinity is not JSON"),
    (["runs", 0, "metrics", 0, "id"], 7, "7"),
    (["device", "limits"], {}, "bufferImageGranularity"),
    (["runs", 0, "metrics", 0, "value"], 10**400, "too large"),
    (["runs", 0, "metrics", 0, "value"], "5", "'5'"),
    (["runs", 0, "metrics", 0, "n"], 2**63, "n is 9223372036854775808"),
    (["runs", 0, "metrics", 0, "n"], 0.5, "n is 0.5"),
    (["runs", 0, "repeat"], "0", "repeat is '0'"),
    (["runs", 0, "strategy"], {"name": None, "parameters": {}}, "strategy is None"),
    (["device", "uuid"], 7, "uuid is 7"),
    (["device", "driver"], {"name": None, "info": ""}, "breaks its schema"),
    (["device", "heaps"], [{"size_bytes": "1", "flags": []}], "breaks its schema"),
    (["created_utc"], 5, "created_utc is 5"),
    (["scenario", "seed"], 2**64, "seed is"),
    (["runs"], [], "holds no run"),
])
def test_bad_reports_are_listed(folder, path, value, told):
    edit(folder / "02.json", lambda report: bad(report, path, value))
    reports = vk.load(folder)
    assert list(reports.reports["report"]) == ["01", "03"]
    assert told in reports.problems["reason"].item()
    with pytest.raises(vk.ReportError, match="02.json"):
        vk.load(folder / "02.json")


@pytest.mark.parametrize("content, told", [("", "cut off"), ("[1, 2", "cut off"), ("{]", "not JSON"),
                                           ("[]", "no report"), ("1e999", "no report"), (b"\xff\xfe{", "not JSON")])
def test_bad_texts_are_listed(folder, content, told):
    (folder / "02.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert told in vk.load(folder).problems["reason"].item()


def test_numbers_too_large_are_listed(folder):
    path = folder / "02.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"value": 0,', '"value": 1e999,', 1).replace('"value":0,', '"value":1e999,', 1), encoding="utf-8")
    assert "infinite" in vk.load(folder).problems["reason"].item()


def test_duplicates(folder):
    shutil.copy(folder / "01.json", folder / "copy.json")
    edit(folder / "02.json", lambda report: report["runs"].append(report["runs"][0]))
    reports = vk.load(folder)
    assert list(reports.reports["report"]) == ["01", "03"]
    reasons = dict(zip(reports.problems["file"], reports.problems["reason"]))
    assert "same bytes as" in reasons[str(folder / "copy.json")] and "twice" in reasons[str(folder / "02.json")]


def test_unfinished_reports_are_loaded_and_listed(folder):
    def interrupt(report):
        report["status"] = report["runs"][0]["status"] = "interrupted"
    edit(folder / "02.json", interrupt)
    reports = vk.load(folder)
    assert len(reports) == 3
    assert reports.problems[["loaded", "reason"]].values.tolist() == [[True, "the report is interrupted; engine is interrupted"]]


def test_a_strategy_out_of_time_says_how_far_it_came(folder):
    edit(folder / "02.json", lambda report: report["runs"][0].update(status="timeout", events_done=1234))
    reports = vk.load(folder)
    assert reports.problems["reason"].item() == f"engine is timeout after 1,234 of {reports.reports['event_count'][0]:,} events"


def test_rounds_and_noise_are_those_of_the_file(folder):
    def measure(report):
        run = report["runs"][0]
        run.pop("repeat", None)
        run.update(rounds=8, clock="wall")
        for metric in run["metrics"]:
            if metric["class"] == "noisy" and metric["value"] is not None:
                metric.update(low=metric["value"] - 1, high=metric["value"] + 2)
        next(metric for metric in run["metrics"] if metric["id"] == "time.create_image_ns.p99").update(n=58, needs_n=1000)
    edit(folder / "02.json", measure)
    reports = vk.load(folder / "02.json")
    assert reports.runs["rounds"].item() == 8
    rows = reports.metrics.dropna(subset="value")
    noisy, exact = rows[rows["class"] == "noisy"], rows[rows["class"] == "exact"]
    assert len(noisy) and (noisy["low"] == noisy["value"] - 1).all() and (noisy["high"] == noisy["value"] + 2).all()
    assert len(exact) and (exact["low"] == exact["value"]).all() and (exact["high"] == exact["value"]).all()
    assert rows.set_index("metric").loc["time.create_image_ns.p99", ["n", "needs_n"]].tolist() == [58, 1000]


def test_older_reports_have_unknown_noise_and_exact_modelled_times(folder):
    def age(report, clock):
        run = report["runs"][0]
        run.pop("rounds", None)
        run.update(repeat=0, clock=clock)
        for metric in run["metrics"]:
            for key in ("low", "high", "needs_n"):
                metric.pop(key, None)
            if metric["id"].startswith("time."):
                metric["class"] = "noisy"
    edit(folder / "01.json", lambda report: age(report, "wall"))
    edit(folder / "02.json", lambda report: age(report, "model"))
    metrics = vk.load(folder).metrics.query("metric == 'time.frame_ns.p50'").set_index("report")
    assert np.isnan(metrics.loc["01", "low"]) and metrics.loc["01", "class"] == "noisy"
    assert metrics.loc["02", "low"] == metrics.loc["02", "value"] and metrics.loc["02", "class"] == "exact"
    assert vk.load(folder).runs["rounds"].tolist()[:2] == [1, 1]


def test_gaps_are_free_where_the_report_says_where_allocations_lie(folder):
    block = {"id": 1, "heap": 0, "type": 0, "pool": "", "size_bytes": 100, "spans": [[10, 20, "buffer", 0], [60, 10, "buffer", 0]]}

    def gaps(more, **lost):
        edit(folder / "02.json", lambda report: report["runs"][0].update(
            tags=["t"], snapshots=[{"label": "x", "frame": 0, "blocks": [{**block, **more}], **lost}]))
        rows = vk.load(folder / "02.json").snapshots
        assert rows["size"].sum() == 100
        return rows.loc[rows["kind"] != "buffer", ["offset", "size", "kind"]].values.tolist()
    assert gaps({}) == [[0, 10, "free"], [30, 30, "free"], [70, 30, "free"]]
    assert gaps({}, spans_dropped=9) == [[0, 10, "unlisted"], [30, 30, "unlisted"], [70, 30, "unlisted"]]
    assert gaps({"used": [[5, 40], [60, 15]]}, spans_dropped=9) == [
        [0, 5, "free"], [5, 5, "unlisted"], [30, 15, "unlisted"], [45, 15, "free"], [70, 5, "unlisted"], [75, 25, "free"]]


def test_nothing_to_load(tmp_path):
    for source in (tmp_path, tmp_path / "none.json", str(tmp_path / "*.json"), []):
        with pytest.raises(vk.ReportError, match="no "):
            vk.load(source)


def test_what_is_no_path():
    for source in (5, [None]):
        with pytest.raises(vk.ReportError, match="no path"):
            vk.load(source)


def test_a_file_that_changed_since(folder):
    reports = vk.load(folder)
    (folder / "02.json").unlink()
    with pytest.raises(vk.ReportError, match="02.json: No such file"):
        reports.series


def test_two_devices_of_one_name(folder):
    edit(folder / "02.json", lambda report: report["device"]["driver"].update(info="another"))
    assert vk.load(folder).devices["device"].nunique() == 2


def test_a_device_without_identity_among_namesakes(folder):
    edit(folder / "02.json", lambda report: report["device"].update(api_version="9.9.9", uuid=[None]))
    reports = vk.load(folder)
    assert list(reports.reports["report"]) == ["01", "03"] and "uuid" in reports.problems["reason"].item()


def test_what_is_read_late_and_bad_is_a_report_error(folder):
    def damage(report):
        run = report["runs"][0]
        run["series"]["columns"]["mem.reserved_bytes"]["last"][0] = 10**400
        run["histograms"][0]["bins"] = [[2**70, 1]]
        run["snapshots"] = [{"label": "x", "frame": 0, "blocks": [7]}]
    edit(folder / "02.json", damage)
    for part in ("series", "histograms", "snapshots"):
        with pytest.raises(vk.ReportError, match="02.json.*validate"):
            getattr(vk.load(folder), part)


def test_where(samples):
    reports = vk.load(str(samples / "nvidia-h100-*.json"))
    assert set(reports.where(strategy="core-*").runs["strategy"]) == {
        "core-default", "core-speed", "core-memory", "core-pools", "core-tiers", "core-arenas"}
    assert set(reports.where(strategy=["vma", "null"], scenario="churn").metrics["strategy"]) == {"vma", "null"}
    with pytest.raises(vk.ReportError, match="no run matches.*churn"):
        reports.where(scenario="chrun")
    with pytest.raises(vk.ReportError, match="no column 'strat'"):
        reports.where(strat="vma")


def test_pivot(samples):
    reports = vk.load(str(samples / "nvidia-h100-*.json"))
    table = reports.pivot("mem.reserved_peak_bytes")
    assert list(table.columns) == list(reports.runs["strategy"].unique()) and len(table) == 5
    rows = reports.metrics.query("metric == 'mem.reserved_peak_bytes' and scenario == 'churn' and strategy == 'vma'")
    assert table.loc["churn", "vma"] == rows["value"].item()
    with pytest.raises(vk.ReportError, match="no metric 'mem.reserved_bytes'.*mem.reserved_peak_bytes"):
        reports.pivot("mem.reserved_bytes")
    for wrong in ({"columns": "nosuch"}, {"rows": "nosuch"}, {"rows": "parameters"}, {"rows": "strategy"}):
        with pytest.raises(vk.ReportError, match="(no column '|both rows and columns).*scenario, .*strategy, "):
            reports.pivot("mem.reserved_peak_bytes", **wrong)
    history = vk.load(samples / "history")
    with pytest.raises(vk.ReportError, match="exact"):
        history.pivot("mem.reserved_peak_bytes")
    with pytest.raises(vk.ReportError, match="trace_hash"):
        vk.load(samples / "lanes").pivot("alloc.count")
