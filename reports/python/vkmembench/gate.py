"""The gate's statistics for noisy metrics: paired ratios judged against a margin by exact sign tests.

A pair is two measurements made back to back, base and candidate; what counts of it is the logarithm of their ratio, above
0 when the candidate is worse. Sign tests ask nothing of the noise but that pairs are independent, and no pair is ever
dropped. The same rules are implemented in C++; reports/golden/statistics.json tests both.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, exp, inf, isfinite, log, log1p
from statistics import median

LOOKS = (12, 20, 32)
MARGIN = 0.05
ALPHA = 0.05


def log_ratios(base: Iterable[float], candidate: Iterable[float], better: str = "lower") -> list[float]:
    """ln(candidate / base) of each pair; the inverse where more is better, so that above 0 is always worse."""
    base, candidate = list(base), list(candidate)
    if len(base) != len(candidate):
        raise ValueError(f"{len(base)} values of the base and {len(candidate)} of the candidate; a pair needs both")
    if better not in ("lower", "higher"):
        raise ValueError(f"better is '{better}'; a gated metric has lower or higher")
    for number, pair in enumerate(zip(base, candidate)):
        if not all(isfinite(value) and value > 0 for value in pair):
            raise ValueError(f"pair {number} is {pair[0]} and {pair[1]}; a ratio needs finite values above 0")
    sign = 1 if better == "lower" else -1
    return [sign * log(after / before) for before, after in zip(base, candidate)]


def binomial_tail(count: int, of: int) -> float:
    """P(X >= count) for X ~ Binomial(of, 1/2), exact."""
    return sum(comb(of, i) for i in range(max(count, 0), of + 1)) / 2**of


def sign_interval(ratios: Iterable[float], confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of the median from order statistics: the narrowest symmetric pair that covers at least
    `confidence`; (-inf, inf) when there are too few values. Hollander and Wolfe, Nonparametric Statistical Methods, 3.6."""
    ordered, rank = sorted(ratios), 0
    while 2 * binomial_tail(len(ordered) - rank, len(ordered)) <= 1 - confidence and 2 * rank < len(ordered):
        rank += 1
    return (ordered[rank - 1], ordered[-rank]) if rank else (-inf, inf)


@dataclass(frozen=True)
class Evidence:
    """What n pairs say about one metric. Ratios are candidate / base, above 1 worse."""

    pairs: int
    ratio: float  # of the median pair
    low: float
    high: float
    margin: float
    worse: int  # pairs beyond 1 + margin
    p_regressed: float  # of so many if the true ratio were at most 1 + margin
    p_passed: float  # of so many on this side if it were at least 1 + margin

    def __str__(self) -> str:
        return (f"{self.worse} of {self.pairs} pairs worse by more than {self.margin:.0%}, p = {self.p_regressed:.2g}; "
                f"ratio {self.ratio:.3f} [{self.low:.3f}, {self.high:.3f}]")


def evidence(ratios: Iterable[float], margin: float = MARGIN) -> Evidence:
    """Weighs log ratios against the margin. A pair exactly on the margin counts for neither side. Requires one pair."""
    ratios = list(ratios)
    if not ratios:
        raise ValueError("no pairs; measure at least one")
    bound, n = log1p(margin), len(ratios)
    low, high = sign_interval(ratios)
    above, below = sum(r > bound for r in ratios), sum(r < bound for r in ratios)
    return Evidence(n, exp(median(ratios)), exp(low), exp(high), margin, above, binomial_tail(above, n), binomial_tail(below, n))


def holm(p_values: Sequence[float], alpha: float) -> list[bool]:
    """Which hypotheses Holm's step-down procedure rejects (Holm 1979)."""
    rejected = [False] * len(p_values)
    for step, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[i] > alpha / (len(p_values) - step):
            break
        rejected[i] = True
    return rejected


def look(weighed: Mapping[str, Evidence], alpha: float) -> dict[str, str]:
    """The verdicts at one look: {metric: Evidence} becomes {metric: "regressed" | "passed" | "inconclusive"}. Regressions
    share alpha by Holm. Passes need no correction: a gate passes only if every metric does (Berger 1982)."""
    rejected = dict(zip(weighed, holm([e.p_regressed for e in weighed.values()], alpha)))
    return {metric: "regressed" if rejected[metric] else "passed" if e.p_passed <= alpha else "inconclusive"
            for metric, e in weighed.items()}


@dataclass(frozen=True)
class Decision:
    verdict: str  # regressed | passed | inconclusive
    pairs: int  # that it took
    metrics: dict[str, tuple[str, Evidence]]  # metric: (verdict, Evidence)


def is_fit(control: Iterable[float], margin: float = MARGIN, alpha: float = ALPHA / len(LOOKS)) -> bool:
    """Whether base against base, measured as log ratios beside the candidate, lets a regression be believed: it does not
    regress itself, and its interval is no wider than the margin."""
    weighed = evidence(control, margin)
    return weighed.p_regressed > alpha and weighed.high - weighed.low <= margin


def decide(ratios: Mapping[str, Sequence[float]], control: Mapping[str, Sequence[float]] | None = None, margin: float = MARGIN,
           alpha: float = ALPHA, looks: Sequence[int] = LOOKS) -> Decision:
    """Judges {metric: log ratios} as `ab` does, at each look that the data reach and with alpha / len(looks) at each: ends
    with the first look at which a metric regressed or all have passed. A pass at an earlier look stands. With a control
    arm, {metric: log ratios} too, a regression at a look at which the control is unfit is inconclusive, and the looks go on."""
    if not ratios:
        raise ValueError("no metric; a gate that measures nothing decides nothing")
    available = min(len(values) for arm in (ratios, control or {}) for values in arm.values())
    alpha, found, pairs = alpha / len(looks), {}, 0
    for pairs in [n for n in looks if n <= available]:
        weighed = {metric: evidence(values[:pairs], margin) for metric, values in ratios.items()}
        for metric, verdict in look(weighed, alpha).items():
            if found.get(metric, ("",))[0] == "passed":
                continue
            if verdict == "regressed" and control is not None and not is_fit(control[metric][:pairs], margin, alpha):
                verdict = "inconclusive"
            found[metric] = (verdict, weighed[metric])
        for verdict, ends in (("regressed", any), ("passed", all)):
            if ends(reached == verdict for reached, _ in found.values()):
                return Decision(verdict, pairs, found)
    return Decision("inconclusive", pairs, found)
