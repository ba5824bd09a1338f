"""What the program says of its metrics: names, and which of them a comparison shows. `metrics.json` is its own list."""
import json
from importlib.resources import files

METRICS = json.loads(files(__package__).joinpath("metrics.json").read_text(encoding="utf-8"))
NAMES = {shown["id"]: shown["name"] for metric in METRICS for shown in (metric, *metric["columns"]) if shown["name"]}


def metrics_shown(table):
    """The ids of the columns of a table of the program, in its order: "console", "compare" and so on."""
    rows = sorted(METRICS, key=lambda metric: metric["place"])
    return [column["id"] for metric in rows for column in metric["columns"] if table in column["where"].split()]


def named(metric):
    """What people call a metric or one of its statistics; its id where it has no name."""
    return NAMES.get(metric, metric)
