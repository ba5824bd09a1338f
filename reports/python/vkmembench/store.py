"""Stores of reports, as `vkmembench merge` makes them: what the index tells, read line by line. The reports themselves are
opened only where more is asked for."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .reading import ReportError

INDEX = "index.jsonl"
SCHEMA = "vkmembench.store/"
MAJOR = "1"


def stores_in(folder: Path) -> list[Path]:
    """The stores that a folder is or holds, by name."""
    if (folder / INDEX).is_file():
        return [folder]
    return sorted(index.parent for index in folder.rglob(INDEX))


def read_index(store: Path) -> Iterator[dict]:
    """The first line, then each cell."""
    index = store / INDEX
    try:
        with index.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    said = json.loads(line)
                except ValueError as error:
                    raise ReportError(f"{index}:{number}: not JSON ({error}); merge the plan again") from None
                if number == 1:
                    check_head(index, said)
                yield said
    except OSError as error:
        raise ReportError(f"{index}: {error.strerror}") from None


def check_head(index: Path, head: object) -> None:
    schema = head.get("schema") if isinstance(head, dict) else None
    if not isinstance(schema, str) or not schema.startswith(SCHEMA):
        raise ReportError(f"{index}: no store: its schema is {json.dumps(schema)}, not {SCHEMA}{MAJOR}")
    if schema[len(SCHEMA):] != MAJOR:
        raise ReportError(f"{index}: {schema} is of another version, this package reads {SCHEMA}{MAJOR}; use the package that came with its tool")


def stored_report(store: Path, cell: dict) -> Path:
    return store / "reports" / cell["report"][:2] / f"{cell['report']}.json.zst"


def settings_of(cell: dict) -> str:
    return " ".join(f"{key}={value}" for key, value in cell["set"].items())


def as_report(head: dict, cell: dict) -> dict:
    """The report of a cell as far as the index tells it: without histograms, series, snapshots, and figures that have a scope."""
    kinds = head["metrics"]
    metrics = [{"id": name, "n": 0, **kinds[name], **(said if isinstance(said, dict) else {"value": said})}
               for name, said in cell["metrics"].items()]
    run = {"strategy": cell["strategy"], "status": "ok", "clock": cell["clock"], "replay": cell["replay"], "repeat": cell["repeat"],
           "rounds": cell["rounds"], "metrics": metrics}
    device = {"uuid": "", **head["devices"][cell["device"]], "requirements_hash": cell["requirements_hash"]}
    return {"status": "ok", "created_utc": "", "tool": head["tool"], "host": {"cpu": "", "kernel": ""}, "device": device,
            "scenario": cell["scenario"], "runs": [run], "quality": {"warnings": cell["warnings"]}}
