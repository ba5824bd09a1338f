"""One report file: read, checked, and taken apart into rows."""
import gc
import json
from collections import Counter
from contextlib import contextmanager
from math import isinf, nan
from pathlib import Path

from . import zst

SCHEMA = "vkmembench.report/"
MAJOR = "1"


class ReportError(Exception):
    """An input that cannot be used: which one, why, and what to do."""


def refuse_constant(text):
    raise ValueError(f"{text} is not JSON; write null with a reason")


@contextmanager
def without_collector():
    """Keeps the cycle collector, while reports are parsed, from walking their lists over and over: most of the time of a
    load would go there."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def parse(data):
    """The report in the bytes of a file, as nested dicts. Raises ReportError, without the name of the file."""
    try:
        report = json.loads(data, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        raise ReportError(f"line {error.lineno}, column {error.colno}: {error.msg}"
                          + ("; the file is cut off, write it again" if cut else "; not JSON")) from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"not JSON: {error}") from None
    schema = report.get("schema") if isinstance(report, dict) else None
    if not isinstance(schema, str) or not schema.startswith(SCHEMA):
        raise ReportError(f"no report: its schema is {json.dumps(schema)}, not {SCHEMA}{MAJOR}")
    if schema[len(SCHEMA):] != MAJOR:
        raise ReportError(f"{schema} is of another version, this package reads {SCHEMA}{MAJOR}; use the package that came with its tool")
    return report


def read_bytes(path):
    """The bytes of a report's file, decompressed where it ends in .zst. OSError, ReportError."""
    data = Path(path).read_bytes()
    if Path(path).suffix != ".zst":
        return data
    try:
        return zst.decompress(data)
    except ValueError as error:
        raise ReportError(f"not what zstd made: {error}") from None


def read(path):
    """parse() of a file; the error names it."""
    try:
        return parse(read_bytes(path))
    except (OSError, ReportError) as error:
        raise ReportError(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from None


def strategy_key(run):
    """Strategy with its parameters: what tells runs of a report apart, beside clock, replay and the repeat of older reports."""
    return run["strategy"]["name"], json.dumps(run["strategy"]["parameters"], sort_keys=True), run["clock"], run["replay"], run.get("repeat", 0)


def sound(row, whole=(), other=()):
    """The row, whose values are texts but for those of `whole`, unsigned 64-bit numbers, and of `other`. Raises TypeError."""
    for key, value in row.items():
        if key in whole and not (type(value) is int and 0 <= value < 2**64):
            raise TypeError(f"{key} is {value!r:.40} where a whole number is expected")
        if key not in whole and key not in other and not isinstance(value, str):
            raise TypeError(f"{key} is {value!r:.40} where a text is expected")
    return row


def driver_of(device):
    return " ".join((device["driver"]["name"], device["driver"]["info"])).strip()


def report_row(report):
    """What is said once a report: the columns of Reports.reports, but for its label."""
    tool, device, scenario = report["tool"], report["device"], report["scenario"]
    return sound({
        "status": report["status"], "created_utc": report["created_utc"], "version": tool["version"], "git_sha": tool["git_sha"],
        "build_type": tool["build_type"], "compiler": tool["compiler"], "flags": tool["flags"], "vma": tool["libs"].get("vma", ""),
        "counted": "; ".join(f"{part} {which}" for part, which in sorted(tool.get("counted", {}).items())),
        "cpu": report["host"]["cpu"], "kernel": report["host"]["kernel"], "device": device["name"], "simulated": device["simulated"],
        "driver": driver_of(device), "requirements_hash": device["requirements_hash"],
        "scenario": scenario["name"], "seed": scenario["seed"], "trace_hash": scenario["trace_hash"],
        "event_count": scenario["event_count"], "frame_count": scenario["frame_count"], "lane_count": scenario["lane_count"],
        "substitutions": "; ".join(sorted(f"{s['asked']} -> {s['taken']}" for s in scenario["substitutions"])),
        "warnings": "; ".join(f"{w['code']}: {w['text']}" for w in report["quality"]["warnings"]),
    }, whole=("seed", "event_count", "frame_count", "lane_count"), other=("simulated",))


def device_row(report):
    """The columns of Reports.devices, but for the name."""
    device, limits = report["device"], report["device"]["limits"]
    local = [heap["size_bytes"] for heap in device["heaps"] if "device_local" in heap["flags"]]
    return sound({
        "type": device["type"], "simulated": device["simulated"], "vendor_id": device["vendor_id"], "device_id": device["device_id"],
        "driver": driver_of(device), "api_version": device["api_version"],
        "uuid": device["uuid"], "heap_count": len(device["heaps"]), "type_count": len(device["types"]),
        "device_local_bytes": sum(local), "heap_bytes": sum(heap["size_bytes"] for heap in device["heaps"]),
        "buffer_image_granularity_bytes": limits["bufferImageGranularity"], "non_coherent_atom_bytes": limits["nonCoherentAtomSize"],
        "max_allocation_count": limits["maxMemoryAllocationCount"], "max_allocation_bytes": limits["maxMemoryAllocationSize"],
    }, whole=("vendor_id", "device_id", "heap_count", "type_count", "device_local_bytes", "heap_bytes"),
        other=("simulated", "buffer_image_granularity_bytes", "non_coherent_atom_bytes", "max_allocation_count", "max_allocation_bytes"))


class Codes(dict):
    """Numbers texts in the order of their coming, so that a column of a million texts holds numbers."""

    def __missing__(self, text):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} where a text is expected")
        self[text] = code = len(self)
        return code


SAMPLES_NEEDED = {"p99": 1_000, "p999": 10_000}  # of a percentile of noisy times: ten beyond it


def needs_of(metric, kind):
    """How many samples a percentile lacks to be one; 0 where it has enough. Older reports do not say it."""
    if kind != "noisy":
        return 0
    needed = SAMPLES_NEEDED.get(metric["id"].rpartition(".")[2], 0)
    return metric.get("needs_n", needed if 0 < metric["n"] < needed else 0)


def class_of(metric, run):
    """Under the model clock a time is a function of its inputs, also where an older report calls it noisy."""
    return "exact" if metric["class"] == "noisy" and run["clock"] == "model" else metric["class"]


def bounds_of(metric, kind, run):
    """Where the value surely lies, as far as noise goes: at itself, within 95 % of the median over rounds, or nowhere known."""
    if kind == "exact" or kind == "bounded" and run["replay"] == "ordered":
        return (metric["value"],) * 2
    return metric.get("low"), metric.get("high")


def numbers(values):
    """Floats, NaN for None. Raises TypeError for what is no number."""
    odd = [value for value in values if value is not None and type(value) not in (int, float)]
    if odd:
        raise TypeError(f"a value is {odd[0]!r:.40} where a number is expected")
    return [nan if value is None else float(value) for value in values]


METRIC_TEXTS = ("metric", "scope_kind", "scope", "unit", "class", "better", "reason", "note")


class MetricColumns:
    """The metrics of one report as columns. Texts are numbers of the codes that are shared between reports."""

    def __init__(self, runs, codes):
        self.lengths = [len(run["metrics"]) for run in runs]
        metrics = [metric for run in runs for metric in run["metrics"]]
        self.value = numbers([metric["value"] for metric in metrics])
        if any(map(isinf, self.value)):
            raise ValueError(f"{next(m['id'] for m, value in zip(metrics, self.value) if isinf(value))} is infinite")
        self.n = [metric["n"] for metric in metrics]
        odd = [n for n in self.n if type(n) is not int or not 0 <= n < 2**63]
        if odd:
            raise ValueError(f"n is {odd[0]!r:.40} where a count is expected")
        pairs = [(metric, run, class_of(metric, run)) for run in runs for metric in run["metrics"]]
        bounds = [bounds_of(metric, kind, run) for metric, run, kind in pairs]
        self.low, self.high = (numbers([bound[side] for bound in bounds]) for side in (0, 1))
        self.needs_n = [needs_of(metric, kind) for metric, _, kind in pairs]
        odd = [n for n in self.needs_n if type(n) is not int or not 0 <= n < 2**63]
        if odd:
            raise ValueError(f"needs_n is {odd[0]!r:.40} where a count is expected")
        scopes = [next(iter(metric["scope"].items())) if "scope" in metric else ("", "") for metric in metrics]
        self.texts = {
            "metric": [codes["metric"][metric["id"]] for metric in metrics],
            "scope_kind": [codes["scope_kind"][kind] for kind, _ in scopes],
            "scope": [codes["scope"][scope] for _, scope in scopes],
            **{key: [codes[key][metric.get(key, "")] for metric in metrics] for key in ("reason", "note")},
            "class": [codes["class"][kind] for _, _, kind in pairs],
            **{key: [codes[key][metric[key]] for metric in metrics] for key in ("unit", "better")},
        }


def taken_apart(report, codes):
    """(report row, device row, run rows, metric columns). Raises ReportError for one that breaks its schema, or holds the
    same run twice."""
    try:
        runs = report["runs"]
        twice = [key for key, times in Counter(map(strategy_key, runs)).items() if times > 1]
        if twice:
            raise ReportError(f"holds the run of {twice[0][0]}, repeat {twice[0][4]}, twice; write it again with each strategy once")
        if not runs:
            raise ReportError("holds no run; `vkmembench run` writes them as they end")
        rows = [sound({"strategy": run["strategy"]["name"], "parameters": run["strategy"]["parameters"], "run_status": run["status"],
                       "clock": run["clock"], "replay": run["replay"], "repeat": run.get("repeat", 0), "rounds": run.get("rounds", 1),
                       "events_done": run.get("events_done", report["scenario"]["event_count"])},
                      whole=("repeat", "rounds", "events_done"), other=("parameters",)) for run in runs]
        return report_row(report), device_row(report), rows, MetricColumns(runs, codes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, StopIteration) as error:
        why = f"misses {error}" if isinstance(error, KeyError) else error
        raise ReportError(f"breaks its schema: {why}; `vkmembench validate` says where") from None
