"""Colours, units and frames that all plots share."""
from itertools import cycle
from math import floor, log10

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullFormatter

from ..reading import ReportError

# Told apart by the colour-blind, in print by marker and dash. After Okabe and Ito 2008 and Paul Tol's muted scheme.
VERMILLION, ORANGE, PURPLE, BLUE, SKY, GREEN = "#D55E00", "#E69F00", "#CC79A7", "#0072B2", "#56B4E9", "#009E73"
WINE, OLIVE, INDIGO, ROSE, SAND, GREY, BLACK = "#882255", "#999933", "#332288", "#CC6677", "#DDCC77", "#8C8C8C", "#222222"
KNOWN = {"null": GREY, "dedicated": BLACK, "vma": VERMILLION, "vma-min-time": ORANGE, "vma-min-memory": PURPLE, "vma-blocks-64m": ROSE,
         "vma-blocks-16m": SAND, "core-default": BLUE, "core-speed": SKY, "core-memory": GREEN, "core-pools": WINE, "core-tiers": OLIVE,
         "core-arenas": INDIGO}
OTHERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, WINE, OLIVE, INDIGO)
MARKERS = "osD^vPX<>*hdp"
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
INK, FAINT = "#333333", "#DDDDDD"
DIVERGING = "PuOr_r"  # purple is better, orange worse; white is equal


def styles(names):
    """name: dict of colour, marker and dash. Known strategies always look alike; the others take what is left."""
    left = cycle([colour for colour in OTHERS if colour not in {KNOWN.get(name) for name in names}] or OTHERS)
    return {name: {"color": KNOWN.get(name) or next(left), "marker": MARKERS[i % len(MARKERS)], "linestyle": DASHES[i % len(DASHES)]}
            for i, name in enumerate(dict.fromkeys(names))}


def line_style(style):
    return {key: style[key] for key in ("color", "linestyle")}


def axes(ax, title, subtitle="", size=(8, 4.5)):
    """The Axes to draw on, new ones when none are given, with the title at the left and what it is of in grey below."""
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    ax.set_title(title + ("\n" if subtitle else ""), loc="left", fontsize=12, fontweight="bold", color=INK)
    if subtitle:
        ax.annotate(subtitle, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", fontsize=9, color="#666666")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color("#999999")
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(True, color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def legend(ax, **options):
    """Beside the plot, where it hides nothing."""
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=9, borderaxespad=0, **options)


def intervals(ax, x, low, high, color):
    """Vertical bars from low to high, where both are known and differ."""
    bars = [(at, a, b) for at, a, b in zip(x, low, high) if a < b]
    if bars:
        ax.vlines(*zip(*bars), color=color, linewidth=1.2, alpha=0.6)


def short(value, digits=3):
    """A number of three digits, without an exponent."""
    if value == 0 or value != value:
        return "0" if value == 0 else "n/a"
    places = max(0, digits - 1 - floor(log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(value, steps, units):
    size = abs(value)
    for step, unit in zip(steps, units):
        if size >= step * 0.9995:
            return f"{short(value / step)} {unit}"
    return f"{short(value)} {units[-1]}"


def with_unit(value, unit):
    """A value as people read it: 1.5 GiB, 3.44 ms, 12.3 %."""
    if value != value:
        return "n/a"
    if unit == "bytes":
        return scaled(value, (2**40, 2**30, 2**20, 2**10), ("TiB", "GiB", "MiB", "KiB", "B")) if abs(value) >= 1023.5 else f"{short(value)} B"
    if unit == "ns":
        return scaled(value, (1e9, 1e6, 1e3, 1), ("s", "ms", "µs", "ns"))
    if unit in ("per_s", "bytes_per_s"):
        if unit == "bytes_per_s":
            return with_unit(value, "bytes") + "/s"
        return scaled(value, (1e9, 1e6, 1e3, 1), ("G/s", "M/s", "k/s", "/s"))
    if unit == "byte_frames":
        return with_unit(value, "bytes") + "·frames"
    return short(value)


def unit_axis(axis, unit, log=False):
    """Ticks of an axis in the unit; bytes at round binary values."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: with_unit(value, unit)))
    if log:
        axis.set_major_locator(LogLocator(base=10, subs=(1.0,), numticks=12))
        axis.set_minor_formatter(NullFormatter())
    elif unit == "bytes":
        low, high = axis.get_view_interval()
        step = 1
        while (high - low) / step > 6:
            step *= 2
        axis.set_major_locator(MultipleLocator(step))
    else:
        axis.set_major_locator(MaxNLocator(6, min_n_ticks=3))


def upper_first(text):
    return text[:1].upper() + text[1:]


def only(frame, *columns):
    """The one value of each column; ReportError, with what to do, where there are several."""
    for column in columns:
        values = frame[column].unique()
        if len(values) != 1:
            raise ReportError(f"this plot is of one {column}, these are {', '.join(map(str, values[:6])) or 'none'}; choose with where()")
    return tuple(frame[column].iloc[0] for column in columns)


def spread(positions, gap):
    """The positions moved apart, in their order, to be at least `gap` from each other: for labels that would overlap."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [positions[i] for i in order]
    for _ in range(100):
        for i in range(len(placed) - 1):
            lack = gap - (placed[i + 1] - placed[i])
            if lack > 1e-9:
                placed[i] -= lack / 2
                placed[i + 1] += lack / 2
    return [at for _, at in sorted(zip(order, placed))]
