"""Stores of thousands of reports: read from their index, opened only where more is asked for."""
import hashlib
import json
import struct

import pandas as pd
import pytest

import vkmembench as vk
from vkmembench import reports as reports_module
from vkmembench import zst


def stored(text):
    """A zstd frame that holds the text as it is, in raw blocks."""
    most = 128 << 10
    blocks = [text[at:at + most] for at in range(0, len(text), most)] or [b""]
    packed = [struct.pack("<I", (len(block) << 3) | (block is blocks[-1]))[:3] + block for block in blocks]
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(text)) + b"".join(packed)


def store_of(folder, reports, change=lambda cells: None, plan="0" * 64):
    """What `vkmembench merge` makes of reports of one run each: (name, report)."""
    kinds, cells = {}, []
    for number, (name, report) in enumerate(reports, 1):
        (run,) = report["runs"]
        hashed = hashlib.sha256(json.dumps({key: report[key] for key in ("scenario", "runs")}).encode()).hexdigest()
        file = folder / "reports" / hashed[:2] / f"{hashed}.json.zst"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(stored(json.dumps(report).encode()))
        metrics = {}
        for metric in run["metrics"]:
            if "scope" not in metric:
                said = {key: value for key, value in metric.items() if key != "id"}
                kind = kinds.setdefault(metric["id"], {key: said[key] for key in ("unit", "class", "better")})
                said = {key: value for key, value in said.items() if kind.get(key, said) != value and (key, value) != ("n", 0)}
                metrics[metric["id"]] = said["value"] if list(said) == ["value"] else said
        cells.append({"cell": number, "name": f"{number:05}-{name}", "report": hashed, "scenario": report["scenario"], "set": {"scale": "0.5"},
                      "device": "sim:test", "requirements_hash": report["device"]["requirements_hash"], "strategy": run["strategy"],
                      "repeat": 1, "rounds": run.get("rounds", 1), "clock": run["clock"], "replay": run["replay"], "warnings": [], "metrics": metrics})
    device = {key: value for key, value in reports[0][1]["device"].items() if key not in ("uuid", "requirements_hash", "extensions_used")}
    head = {"schema": "vkmembench.store/1", "plan": plan, "tool": reports[0][1]["tool"], "cells": len(cells), "missing": [],
            "devices": {"sim:test": device}, "metrics": kinds}
    lines = [head, *cells]
    change(lines)
    (folder / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


@pytest.fixture
def apart(samples):
    """The runs of a sample as reports of their own."""
    report = json.loads((samples / "nvidia-h100-scene_switch.json").read_text(encoding="utf-8"))
    return [(run["strategy"]["name"], {**report, "runs": [run]}) for run in report["runs"]]


def test_a_store_tells_what_its_reports_do(apart, tmp_path, samples, monkeypatch):
    read, seen = reports_module.read, []
    monkeypatch.setattr(reports_module, "read", lambda path: seen.append(path) or read(path))
    by_index = vk.load(store_of(tmp_path / "store", apart))
    whole = vk.load(samples / "nvidia-h100-scene_switch.json")
    assert list(by_index.runs["strategy"]) == list(whole.runs["strategy"]) and not seen
    assert set(by_index.runs["settings"]) == {"scale=0.5"} and set(by_index.runs["selector"]) == {"sim:test"}
    columns = ["run", "strategy", "metric", "value", "low", "high", "unit", "class", "better", "n", "needs_n", "reason", "note"]
    totals = whole.metrics[whole.metrics["scope"] == ""][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(by_index.metrics[columns].reset_index(drop=True).astype(object), totals.astype(object))
    assert len(by_index.where(strategy="vma").series) == len(whole.where(strategy="vma").series) and len(seen) == 2
    assert len(by_index.opened().metrics) == len(whole.metrics)
    assert by_index.pivot("mem.reserved_peak_bytes").equals(whole.pivot("mem.reserved_peak_bytes"))


def test_stores_of_several_commits(apart, tmp_path):
    for name in ("a", "b"):
        store_of(tmp_path / name, apart[:2])
    reports = vk.load(tmp_path)
    assert list(reports.reports["report"]) == [f"{store}/{i:05}-{name}" for store in "ab" for i, (name, _) in enumerate(apart[:2], 1)]
    assert len(vk.load([tmp_path / "b"])) == 2


def test_a_trend_over_stores_is_in_the_order_of_their_names(apart, tmp_path):
    def at(value):
        def change(lines):
            lines[1]["metrics"]["mem.reserved_peak_bytes"] = value
        return change
    for name, value in (("1", 100), ("2", 100), ("3", 200)):
        store_of(tmp_path / name, apart[1:2], at(value))
    trend = vk.trend(vk.load(tmp_path), "mem.reserved_peak_bytes")
    assert list(trend["value"]) == [100, 100, 200] and list(trend["changed"]) == [False, False, True]


def test_what_is_missing_is_a_problem(apart, tmp_path):
    def lack(lines):
        lines[0]["missing"] = [{"cell": 9, "name": "00009-vma", "why": "exit 77: no Vulkan device"}]
    problems = vk.load(store_of(tmp_path, apart, lack)).problems
    assert list(problems["reason"]) == ["exit 77: no Vulkan device"] and problems["file"][0].endswith("00009-vma")


@pytest.mark.parametrize("change, says", [
    (lambda lines: lines[0].update(schema="vkmembench.store/2"), "another version"),
    (lambda lines: lines[0].update(schema="vkmembench.plan/1"), "no store"),
    (lambda lines: lines[0].pop("metrics"), "breaks its schema"),
    (lambda lines: lines[1].pop("metrics"), "breaks its schema"),
    (lambda lines: lines[1].update(device="sim:other"), "sim:other"),
    (lambda lines: lines[1]["metrics"].update({"mem.reserved_peak_bytes": "much"}), "breaks its schema"),
])
def test_bad_indices(apart, tmp_path, change, says):
    with pytest.raises(vk.ReportError, match=says):
        vk.load(store_of(tmp_path, apart[:1], change))


def test_a_torn_index_and_a_torn_report(apart, tmp_path):
    store = store_of(tmp_path, apart)
    reports = vk.load(store)
    (file, *_) = reports.runs["file"]
    with open(file, "rb+") as torn:
        torn.truncate(5000)
    with pytest.raises(vk.ReportError, match="not what zstd made"):
        reports.series
    index = store / "index.jsonl"
    index.write_bytes(index.read_bytes()[:-200])
    reports = vk.load(store)
    assert len(reports) == len(apart) - 1 and "not JSON" in reports.problems["reason"][0]


def test_zstd_is_what_the_program_writes(tmp_path):
    for text in (b"", b"x", bytes(range(256)) * 2000):
        assert zst.decompress(stored(text)) == text
        for bad in (stored(text)[:-1], b"{}", stored(text)[:7]):
            with pytest.raises(ValueError):
                zst.decompress(bad)
