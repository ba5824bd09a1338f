"""Every plot draws what its frames hold, on the Axes it is given, and says what to do when it cannot."""
import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

import vkmembench as vk
from vkmembench.plots.choice import pareto_front
from vkmembench.plots.style import KNOWN, spread, styles, with_unit


@pytest.fixture(scope="module")
def h100(samples):
    return vk.load(str(samples / "nvidia-h100-*.json"))


@pytest.fixture(scope="module")
def one(h100):
    return h100.where(scenario="scene_switch")


PLOTS = {
    "memory_over_time": lambda s, h, ax: vk.plots.memory_over_time(h.where(scenario="scene_switch"), ax=ax),
    "memory_of_a_heap": lambda s, h, ax: vk.plots.memory_over_time(h.where(scenario="dynamic_streaming"), heap=0, ax=ax),
    "fragmentation_over_time": lambda s, h, ax: vk.plots.fragmentation_over_time(h.where(scenario="scene_switch"), ax=ax),
    "memory_map": lambda s, h, ax: vk.plots.memory_map(h.where(scenario="scene_switch", strategy="vma"), ax=ax),
    "percentile_curve": lambda s, h, ax: vk.plots.percentile_curve(h.where(scenario="churn"), ax=ax),
    "ratio_heatmap": lambda s, h, ax: vk.plots.ratio_heatmap(h, ax=ax),
    "waste_against_speed": lambda s, h, ax: vk.plots.waste_against_speed(h.where(scenario="churn"), ax=ax),
    "device_slopes": lambda s, h, ax: vk.plots.device_slopes(vk.load(s / "devices").where(scenario="churn"), ax=ax),
    "thread_scaling": lambda s, h, ax: vk.plots.thread_scaling(vk.load(s / "lanes"), ax=ax),
    "trend": lambda s, h, ax: vk.plots.trend(vk.load(s / "history"), "mem.reserved_peak_bytes", ax=ax),
    "paired_ratios": lambda s, h, ax: vk.plots.paired_ratios(np.log([1.1, 1.2, 0.9, 1.0, 1.1, 1.3, 1.0]), ax=ax),
    "trace_shares": lambda s, h, ax: vk.plots.trace_shares(vk.load_outlines(s / "traces.csv"), "frames lived", ax=ax),
    "changes": lambda s, h, ax: vk.plots.changes(vk.compare_reports(vk.load(s / "regression/before.json"), vk.load(s / "regression/after.json")), ax=ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_draws_with_a_title_on_the_axes_given(name, samples, h100, recwarn):
    _, given = plt.subplots()
    ax = PLOTS[name](samples, h100, given)
    assert ax is given
    own = PLOTS[name](samples, h100, None)
    assert isinstance(own, Axes) and own is not given
    assert own.get_title(loc="left").strip() and own.has_data()
    own.figure.canvas.draw()
    assert not [str(warning.message) for warning in recwarn if "layout" in str(warning.message) or "glyph" in str(warning.message).lower()]


def test_every_plot_is_tested():
    assert {name for name in vk.plots.__all__} <= set(PLOTS)


def test_lines_are_the_series(one):
    ax = vk.plots.memory_over_time(one.where(strategy=["vma", "core-memory"]))
    lines = {line.get_label(): line for line in ax.lines}
    assert set(lines) == {"vma", "core-memory"}
    rows = one.series.query("strategy == 'vma' and column == 'mem.reserved_bytes'")
    np.testing.assert_array_equal(lines["vma"].get_ydata(), rows["max"])
    assert lines["vma"].get_color() == KNOWN["vma"]


def test_memory_map_covers_the_blocks(one):
    ax = vk.plots.memory_map(one.where(strategy="core-default"), "after_switch", blocks=10)
    rows = one.where(strategy="core-default").snapshots.query("label == 'after_switch'").drop_duplicates("block")
    frames = sorted(patch.get_width() for patch in ax.patches)
    assert frames == sorted(rows["block_bytes"].nlargest(10))
    assert f"{rows['block'].nunique() - 10} smaller ones not shown" in " ".join(text.get_text() for text in ax.texts)


def test_heatmap_prints_the_ratios(h100):
    ax = vk.plots.ratio_heatmap(h100)
    shown = [text.get_text() for text in ax.texts]
    rows = vk.compare_strategies(h100, "vma", "mem.reserved_peak_bytes").query("strategy != 'null'")
    assert sorted(f"{ratio:.2f}" for ratio in rows["ratio"]) == sorted(text for text in shown if text[:1].isdigit() and len(text) == 4)


def test_pareto_front():
    assert pareto_front([1, 2, 3, 1], [3, 1, 2, 4]) == [0, 1]
    assert pareto_front([1, 1], [1, 1]) == [0]
    assert pareto_front([], []) == []


def test_pareto_front_of_noisy_values():
    x, y = [10, 11, 20], [5, 6, 7]
    assert pareto_front(x, y) == [0]
    assert pareto_front(x, y, [9, 9, 18], [12, 12, 22]) == [0, 1]
    assert pareto_front(x, y, [np.nan] * 3, [np.nan] * 3) == [0, 1, 2]


@pytest.fixture
def measured(samples, tmp_path):
    """measured(share): a sample as if measured in ten rounds, with intervals of this half width; in one round of None."""
    def make(share):
        report = json.loads((samples / "nvidia-h100-churn.json").read_text(encoding="utf-8"))
        for run in report["runs"]:
            run["rounds"] = 1 if share is None else 10
            for metric in run["metrics"]:
                for key in ("low", "high"):
                    metric.pop(key, None)
                if metric["class"] == "noisy" and metric["value"] is not None and share is not None:
                    metric.update(low=metric["value"] * (1 - share), high=metric["value"] * (1 + share))
        (tmp_path / f"{share}.json").write_text(json.dumps(report), encoding="utf-8")
        return vk.load(tmp_path / f"{share}.json")
    return make


@pytest.mark.parametrize("share, sign, told", [(1e-9, "", None), (0.9999, "~", "~ within noise"), (None, "?", "? noise not known")])
def test_a_ratio_that_noise_may_have_made_is_marked(measured, share, sign, told):
    metric = "time.create_buffer_ns.p50"
    reports = measured(share)
    texts = [text.get_text() for text in vk.plots.ratio_heatmap(reports, metric).texts]
    values = reports.pivot(metric).iloc[0]
    assert f"{sign}{values['core-default'] / values['vma']:.2f}" in texts
    assert any("noise" in text for text in texts) == (told is not None) and (told is None or any(told in text for text in texts))


def test_what_noise_hides_is_on_the_front(measured):
    def on_front(share):
        ax = vk.plots.waste_against_speed(measured(share), speed="time.create_buffer_ns.p50")
        return {label.get_text() for label in ax.get_legend().get_texts() if "front" in label.get_text()}, len(ax.get_legend().get_texts())
    exact, wide, unknown = map(on_front, (1e-9, 0.9999, None))
    assert exact[0] < wide[0] and len(wide[0]) == wide[1] and unknown[0] == wide[0]


@pytest.mark.parametrize("draw, told", [
    (lambda h: vk.plots.memory_over_time(h), "of one scenario.*where"),
    (lambda h: vk.plots.memory_over_time(h.where(scenario="churn"), heap=9), "heap.9"),
    (lambda h: vk.plots.memory_map(h.where(scenario="churn")), "of one strategy"),
    (lambda h: vk.plots.memory_map(h.where(scenario="churn", strategy="vma"), "never"), "no snapshot 'never'"),
    (lambda h: vk.plots.percentile_curve(h.where(scenario="churn"), "time.nothing"), "no histogram"),
    (lambda h: vk.plots.device_slopes(h.where(scenario="churn")), "two devices"),
    (lambda h: vk.plots.trend(h, "mem.reserved_peak_bytes"), "of one scenario|a trend is of one"),
    (lambda h: vk.plots.changes(vk.compare_reports(h.where(scenario="churn", strategy="vma"), h.where(scenario="churn", strategy="vma"))), "nothing got"),
])
def test_what_cannot_be_drawn(h100, draw, told):
    with pytest.raises(vk.ReportError, match=told):
        draw(h100)


@pytest.mark.parametrize("value, unit, text", [
    (0, "bytes", "0 B"), (1023, "bytes", "1,023 B"), (1024, "bytes", "1 KiB"), (1.5 * 2**30, "bytes", "1.5 GiB"), (999.9e6, "ns", "1 s"), (125, "ns", "125 ns"),
    (3.44e6, "ns", "3.44 ms"), (2.5e6, "per_s", "2.5 M/s"), (0.0123, "ratio", "0.0123"), (40794, "count", "40,794"), (float("nan"), "ns", "n/a"),
    (-2048, "bytes", "-2 KiB"),
])
def test_units(value, unit, text):
    assert with_unit(value, unit) == text


def test_styles_tell_apart():
    names = [*KNOWN, "engine", "tlsf", "another"]
    look = styles(names)
    assert len({(style["color"], style["marker"], str(style["linestyle"])) for style in look.values()}) == len(names)
    assert styles(["vma"])["vma"]["color"] == look["vma"]["color"]


def test_spread():
    placed = spread([10, 11, 10.5, 50], 5)
    assert np.diff(sorted(placed)).min() >= 5 - 1e-6 and placed[3] == 50
    assert [sorted(placed).index(at) for at in placed] == [0, 2, 1, 3]


def test_arguments_that_cannot_be_drawn_are_named(samples):
    reports = vk.load(samples / "nvidia-h100-churn.json").where(strategy="vma")
    with pytest.raises(vk.ReportError, match="compare_reports.*no column 'verdict'.*strategy"):
        vk.plots.changes(reports.runs)
    with pytest.raises(vk.ReportError, match="0 blocks"):
        vk.plots.memory_map(reports, blocks=0)
