"""Reports of vkmembench: loaded into tidy frames, compared, judged and plotted.

    import vkmembench as vk
    reports = vk.load("reports/samples/*.json")
    reports.pivot("mem.reserved_over_live_ratio")
    vk.plots.memory_over_time(reports.where(scenario="churn"))
"""
from . import gate, plots
from .compare import compare_devices, compare_reports, compare_strategies, device_differences, differences, flips, ranking
from .histogram import Histogram, merge
from .reading import ReportError
from .reports import Reports, load
from .traces import load_outlines, medians, shares
from .trend import change_points, trend
from .version import __version__

__all__ = ["Histogram", "ReportError", "Reports", "__version__", "change_points", "compare_devices", "compare_reports", "compare_strategies",
           "device_differences", "differences", "flips", "gate", "load", "load_outlines", "medians", "merge", "plots", "ranking", "shares", "trend"]
