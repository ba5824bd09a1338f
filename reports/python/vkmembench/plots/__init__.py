"""Plots of reports. Each takes a Reports set (or what its first line says), draws on `ax` or on new Axes, and returns them."""
from .choice import device_slopes, percentile_curve, ratio_heatmap, thread_scaling, waste_against_speed
from .history import changes, paired_ratios, trend
from .memory import fragmentation_over_time, memory_map, memory_over_time
from .outlines import trace_shares

__all__ = ["changes", "device_slopes", "fragmentation_over_time", "memory_map", "memory_over_time", "paired_ratios", "percentile_curve",
           "ratio_heatmap", "thread_scaling", "trace_shares", "trend", "waste_against_speed"]
