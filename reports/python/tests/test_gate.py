"""The gate's statistics against the golden vectors, and over the measurements that the gate is judged on."""
import csv
import random
import subprocess
import sys
from itertools import groupby
from math import exp, inf, log
from pathlib import Path

import pytest

from vkmembench import gate

REPORTS = Path(__file__).resolve().parents[2]
CLOSE = 1e-12


def close(value):
    return pytest.approx(value, rel=CLOSE, abs=0)


def test_golden_file_is_what_its_generator_writes(tmp_path):
    made = tmp_path / "statistics.json"
    subprocess.run([sys.executable, REPORTS / "python" / "tools" / "make_golden.py", "-o", made], check=True, timeout=300)
    assert made.read_bytes() == (REPORTS / "golden" / "statistics.json").read_bytes()


def test_binomial_tails(golden):
    for case in golden["binomial_tails"]:
        assert gate.binomial_tail(case["count"], case["of"]) == close(case["p"])


def test_interval_ranks(golden):
    for case in golden["interval_ranks"]:
        low, high = gate.sign_interval(random.Random(1).sample(range(1, case["n"] + 1), case["n"]), case["confidence"])
        assert [low, high] == (case["ranks"] or [-inf, inf])


def test_holm(golden):
    for case in golden["holm"]:
        assert gate.holm(case["p"], case["alpha"]) == case["rejected"]


def test_evidence(golden):
    for case in golden["evidence"]:
        found = gate.evidence(gate.log_ratios(case["base"], case["candidate"]), case["margin"])
        assert (found.pairs, found.worse) == (len(case["base"]), case["worse"])
        for key in ("ratio", "p_regressed", "p_passed"):
            assert getattr(found, key) == close(case[key])
        assert found.low == (0 if case["low"] is None else close(case["low"]))
        assert found.high == (inf if case["high"] is None else close(case["high"]))


def test_decisions(golden):
    def logs(arms):
        return {metric: list(map(log, ratios)) for metric, ratios in arms.items()} if arms else None

    for case in golden["decisions"]:
        found = gate.decide(logs(case["ratios"]), logs(case.get("control")))
        assert (found.verdict, found.pairs) == (case["verdict"], case["pairs"])
        assert {metric: verdict for metric, (verdict, _) in found.metrics.items()} == case["metrics"]


@pytest.fixture(scope="module")
def recorded():
    """{(load, effect, with control): verdicts of its gates} over the first 32 pairs of each."""
    with open(REPORTS / "golden" / "recorded_pairs.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    verdicts = {}
    for (load, effect, _), group in groupby(rows, key=lambda row: (row["load"], float(row["effect"]), row["gate"])):
        pairs = list(group)[:32]
        base, control, candidate = ([float(pair[f"{arm}_p50_ns"]) for pair in pairs] for arm in ("base", "control", "candidate"))
        ratios = {"p50": gate.log_ratios(base, candidate)}
        verdicts.setdefault((load, effect, False), []).append(gate.decide(ratios).verdict)
        verdicts.setdefault((load, effect, True), []).append(gate.decide(ratios, {"p50": gate.log_ratios(base, control)}).verdict)
    return verdicts


def test_recorded_pairs_as_golden(golden, recorded):
    assert len(golden["recorded_pairs"]) == len(recorded) == 12
    for case in golden["recorded_pairs"]:
        verdicts = recorded[case["load"], case["effect"], case["control"]]
        assert {verdict: verdicts.count(verdict) for verdict in ("regressed", "passed", "inconclusive")} == {
            verdict: case[verdict] for verdict in ("regressed", "passed", "inconclusive")}


@pytest.mark.parametrize("control", [False, True])
def test_recorded_pairs_cry_no_wolf_and_find_a_tenth(recorded, control):
    of = {effect: recorded["quiet", effect, control] + recorded["loaded", effect, control] for effect in (0, 0.1)}
    assert len(of[0]) == len(of[0.1]) == 80
    assert of[0].count("regressed") == 0
    assert of[0.1].count("regressed") >= 72


def test_interval_covers_the_median():
    source, misses = random.Random(5), 0
    for _ in range(1000):
        low, high = gate.sign_interval([source.gauss(0, 1) for _ in range(20)])
        misses += not low <= 0 <= high
    assert misses < 1000 * 0.05 + 3 * (1000 * 0.05 * 0.95) ** 0.5


def test_direction():
    slower, faster = gate.log_ratios([100], [110]), gate.log_ratios([100], [110], better="higher")
    assert exp(slower[0]) == pytest.approx(1.1) and slower[0] == -faster[0]


@pytest.mark.parametrize("base, candidate, told", [([1, 2], [1], "pair"), ([1], [0], "above 0"), ([1], [float("nan")], "finite"), ([inf], [1], "finite")])
def test_bad_pairs_are_refused(base, candidate, told):
    with pytest.raises(ValueError, match=told):
        gate.log_ratios(base, candidate)


def test_nothing_measured_is_never_a_pass():
    with pytest.raises(ValueError, match="no pairs"):
        gate.evidence([])
    with pytest.raises(ValueError, match="no metric"):
        gate.decide({})
    assert gate.decide({"p50": [0.0] * 11}).verdict == "inconclusive"
