"""Reports of vkmembench: loaded into tidy frames, compared, judged and plotted.

    import vkmembench as vk
    reports = vk.load("reports/samples")
    reports.pivot("mem.reserved_over_live_ratio")
    vk.plots.memory_over_time(reports.where(scenario="churn"))
"""
from . import gate
from .histogram import Histogram, merge
from .reading import ReportError
from .reports import Reports, load

__all__ = ["Histogram", "ReportError", "Reports", "gate", "load", "merge"]
