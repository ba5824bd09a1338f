#!/usr/bin/env python3
"""Writes reports/golden/statistics.json anew. Shares no code with the package: exact fractions, sorted lists, plain rules.

Usage: make_golden.py [-o FILE]
"""
import argparse
import csv
import json
import math
import random
from fractions import Fraction
from itertools import groupby
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
QUANTILES = [0.0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0]


# Histograms, from the values themselves.
def bucket(value):
    """(low, width) of the bucket: the value with all but its 7 leading bits cleared."""
    width = 2 ** max(0, len(f"{value:b}") - 7)
    return value // width * width, width


def index(value):
    """The number of buckets below the value's."""
    low, width = bucket(value)
    return low if width == 1 else 128 + 64 * (int(math.log2(width)) - 1) + low // width - 64


def quantile(values, q):
    """The middle of the bucket of the value of nearest rank, within the extremes."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    rank = max(1, math.ceil(q * len(ordered)))
    low, width = bucket(ordered[rank - 1])
    return float(min(max(low + Fraction(width - 1, 2), ordered[0]), ordered[-1]))


def histogram(name, values):
    counts = [[i, len(list(same))] for i, same in groupby(sorted(map(index, values)))]
    return {"name": name, "values": values, "bins": counts, "count": len(values), "sum": sum(values),
            "min": min(values, default=0), "max": max(values, default=0),
            "quantiles": [[q, quantile(values, q)] for q in QUANTILES]}


def histograms(random):
    rows = {
        "empty": [],
        "one": [300],
        "linear": list(range(128)),
        "edges": [0, 1, 127, 128, 129, 130, 255, 256, 257, 4095, 4096, 2**32 - 1, 2**32, 2**53],
        "largest": [2**63, 2**64 - 1],
        "latencies": [int(random.lognormvariate(6, 1.2)) for _ in range(400)],
        "slow": [int(random.lognormvariate(12, 0.4)) for _ in range(25)],
    }
    return [histogram(name, values) for name, values in rows.items()]


def merges(rows):
    values = {row["name"]: row["values"] for row in rows}
    cases = [["empty", "empty"], ["empty", "one"], ["linear", "linear"], ["latencies", "slow"], ["edges", "latencies", "slow", "one"]]
    made = []
    for parts in cases:
        whole = histogram("", sum((values[part] for part in parts), []))
        made.append({"parts": parts, **{key: whole[key] for key in whole if key not in ("name", "values")}})
    return made


# Statistics, in exact fractions.
def tail(count, of):
    return Fraction(sum(math.comb(of, i) for i in range(count, of + 1)), 2**of)


def interval_ranks(n, confidence):
    """The 1-based ranks of the narrowest symmetric interval that covers enough; None without."""
    covering = [k for k in range(1, n // 2 + 1) if 1 - 2 * tail(n - k + 1, n) >= confidence]
    return (max(covering), n + 1 - max(covering)) if covering else None


def weigh(ratios, margin):
    """Of plain ratios: what Evidence holds."""
    n, ordered = len(ratios), sorted(ratios)
    middle = ordered[n // 2] if n % 2 else math.sqrt(ordered[n // 2 - 1] * ordered[n // 2])
    ranks = interval_ranks(n, Fraction(95, 100))
    above, below = sum(r > 1 + margin for r in ratios), sum(r < 1 + margin for r in ratios)
    return {"ratio": middle, "low": ordered[ranks[0] - 1] if ranks else None, "high": ordered[ranks[1] - 1] if ranks else None,
            "worse": above, "p_regressed": float(tail(above, n)), "p_passed": float(tail(below, n))}


def holm_rejects(p_values, alpha):
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    held = [p_values[i] <= alpha / (len(order) - step) for step, i in enumerate(order)]
    kept = held.index(False) if False in held else len(held)
    return [i in order[:kept] for i in range(len(p_values))]


def decide(arms, control=None):
    """The verdict of a gate over {metric: ratios}, the looks it took, and each metric's verdict."""
    looks, alpha, margin, passed = (12, 20, 32), 0.05 / 3, 0.05, {}
    verdicts, n = {}, 0
    for n in looks:
        if n > min(map(len, arms.values())):
            break
        weighed = {metric: weigh(ratios[:n], margin) for metric, ratios in arms.items()}
        rejects = dict(zip(weighed, holm_rejects([w["p_regressed"] for w in weighed.values()], alpha)))
        verdicts = {}
        for metric, w in weighed.items():
            verdict = "regressed" if rejects[metric] else "passed" if w["p_passed"] <= alpha else "inconclusive"
            if verdict == "regressed" and control is not None:
                c = weigh(control[metric][:n], margin)
                if c["p_regressed"] <= alpha or c["high"] - c["low"] > margin:
                    verdict = "inconclusive"
            if metric in passed:
                verdict = "passed"
            if verdict == "passed":
                passed[metric] = True
            verdicts[metric] = verdict
        if "regressed" in verdicts.values():
            return {"verdict": "regressed", "pairs": n, "metrics": verdicts}
        if set(verdicts.values()) == {"passed"}:
            return {"verdict": "passed", "pairs": n, "metrics": verdicts}
    reached = max((k for k in looks if k <= min(map(len, arms.values()))), default=0)
    return {"verdict": "inconclusive", "pairs": reached, "metrics": verdicts}


def evidence_cases(random):
    cases = []
    for n, shift, noise, margin in [(1, 1.2, 0, 0.05), (5, 1, 0.02, 0.05), (6, 1.1, 0.02, 0.05), (12, 1, 0.03, 0.05), (12, 1.1, 0.03, 0.05),
                                    (20, 1.05, 0.02, 0.05), (20, 1.1, 0.2, 0.05), (32, 1.02, 0.01, 0.01), (32, 0.8, 0.1, 0.05), (33, 1.1, 0.05, 0.1)]:
        base = [round(random.lognormvariate(5.5, 0.2), 3) for _ in range(n)]
        candidate = [round(b * shift * math.exp(random.gauss(0, noise)), 3) for b in base]
        cases.append({"margin": margin, "base": base, "candidate": candidate, **weigh([c / b for b, c in zip(base, candidate)], margin)})
    return cases


def decision_cases(random):
    def arm(n, shift, noise):
        return [round(shift * math.exp(random.gauss(0, noise)), 6) for _ in range(n)]

    cases = [
        ({"p50": arm(32, 1.0, 0.02)}, None), ({"p50": arm(32, 1.1, 0.02)}, None), ({"p50": arm(32, 1.05, 0.02)}, None),
        ({"p50": arm(11, 1.2, 0.01)}, None), ({"p50": arm(12, 1.2, 0.01)}, None), ({"p50": arm(19, 1.0, 0.06)}, None),
        ({"p50": arm(32, 1.12, 0.1)}, None), ({"p50": arm(32, 0.98, 0.1)}, None),
        ({"create": arm(32, 1.0, 0.02), "destroy": arm(32, 1.09, 0.03), "rate": arm(32, 1.0, 0.02)}, None),
        ({"create": arm(32, 1.0, 0.02), "destroy": arm(32, 1.05, 0.02), "rate": arm(32, 1.04, 0.03)}, None),
        ({"create": arm(32, 1.0, 0.01), "destroy": arm(32, 1.02, 0.04)}, None),
        ({"p50": arm(32, 1.1, 0.02)}, {"p50": arm(32, 1.0, 0.01)}), ({"p50": arm(32, 1.1, 0.02)}, {"p50": arm(32, 1.0, 0.2)}),
        ({"p50": arm(32, 1.1, 0.02)}, {"p50": arm(32, 1.08, 0.01)}), ({"p50": arm(32, 1.1, 0.02)}, {"p50": arm(32, 1.0, 0.045)}),
        ({"p50": arm(32, 1.0, 0.02)}, {"p50": arm(32, 1.0, 0.2)}),
    ]
    return [{"ratios": arms, **({"control": control} if control else {}), **decide(arms, control)} for arms, control in cases]


def replay():
    """What the gate says of recorded_pairs.csv, by load and effect, without and with the control arm."""
    with open(GOLDEN / "recorded_pairs.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = {}
    for (load, effect, _), group in groupby(rows, key=lambda row: (row["load"], row["effect"], row["gate"])):
        pairs = list(group)[:32]
        base, control, candidate = ([float(row[f"{arm}_p50_ns"]) for row in pairs] for arm in ("base", "control", "candidate"))
        arms = {"p50": [c / b for b, c in zip(base, candidate)]}
        for key, beside in (("without_control", None), ("with_control", {"p50": [c / b for b, c in zip(base, control)]})):
            row = counts.setdefault((load, effect, key), {"regressed": 0, "passed": 0, "inconclusive": 0})
            row[decide(arms, beside)["verdict"]] += 1
    return [{"load": load, "effect": float(effect), "control": key == "with_control", **row} for (load, effect, key), row in counts.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, default=GOLDEN / "statistics.json", metavar="FILE")
    options = parser.parse_args()
    source = random.Random(20)
    rows = histograms(source)
    golden = {
        "histograms": rows,
        "merges": merges(rows),
        "binomial_tails": [{"count": k, "of": n, "p": float(tail(k, n))} for n, k in
                           [(1, 0), (1, 1), (6, 6), (12, 10), (12, 11), (20, 15), (20, 16), (20, 17), (32, 22), (32, 23), (33, 0), (100, 60), (1000, 560)]],
        "interval_ranks": [{"n": n, "confidence": c, "ranks": interval_ranks(n, Fraction(str(c)))} for c in (0.95, 0.99)
                           for n in (1, 5, 6, 7, 8, 9, 12, 20, 32, 33, 100)],
        "holm": [{"p": p, "alpha": alpha, "rejected": holm_rejects(p, alpha)} for p, alpha in
                 [([0.01], 0.05), ([0.05], 0.05), ([0.01, 0.04, 0.03], 0.05), ([0.04, 0.01, 0.02], 0.05), ([0.02, 0.02, 0.02], 0.05),
                  ([0.0059, 0.5, 0.0032], 0.05 / 3), ([0.0193, 0.0002, 0.006], 0.05 / 3), ([0.3, 0.2], 0.05)]],
        "evidence": evidence_cases(source),
        "decisions": decision_cases(source),
        "recorded_pairs": replay(),
    }
    lines = []
    for key, cases in golden.items():
        lines.append(f' "{key}": [\n' + ",\n".join("  " + json.dumps(case) for case in cases) + "\n ]")
    options.o.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
