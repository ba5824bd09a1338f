"""Makes a trace of a snapshot of PyTorch's memory, as torch.cuda.memory._dump_snapshot() pickles it, or of its JSON form.

    python3 -m vkmembench.importers FILE -o TRACE.jsonl [--begun-late]

With a history, what it allocated and freed; without one, what was live at the snapshot, with the places where it lay. The
pickle is read by vkmembench.plain_pickle, which calls nothing that it names.
"""
import argparse
import collections
import json
import mmap
import os
import sys
import tempfile
from pathlib import Path

from .plain_pickle import PickleError, loads

RECORDER = "PyTorch memory snapshot"
_MOST_BYTES = 1 << 60


class SnapshotError(ValueError):
    """Why a file is no snapshot that can be imported; one line."""


def read_snapshot(path):
    """The snapshot in a file: a pickle of plain values, or JSON."""
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise SnapshotError("is empty; give a snapshot" if isinstance(error, ValueError) else f"{error.strerror}; name a snapshot") from None
    with data:
        try:
            snapshot = json.loads(data[:]) if data[:1] == b"{" else loads(data)
        except PickleError as error:
            raise SnapshotError(str(error)) from None
        except (ValueError, RecursionError) as error:
            raise SnapshotError(f"malformed JSON: {error}".splitlines()[0]) from None
    if not isinstance(snapshot, dict) or not isinstance(snapshot.get("segments"), list):
        raise SnapshotError("is no snapshot of PyTorch's memory: it has no list of segments; write one with torch.cuda.memory._dump_snapshot()")
    return snapshot


def _whole(entry, key, most):
    value = entry.get(key) if isinstance(entry, dict) else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise SnapshotError(f"'{key}' {str(value)[:40]!r} of an entry is no whole number from 0 to {most}")
    return value


def _buffer(id, size):
    return {"op": "buffer", "id": id, "size": size, "usage": ["storage_buffer"], "memory": "device"}


class Importer:
    """The lines of a trace after its first, and what they leave out."""

    def __init__(self, snapshot, begun_late=False):
        self.begun_late = begun_late
        self.left_out = collections.Counter()
        self.placements, self.blocks = [], []
        history = self._history(snapshot)
        self.events = [{"op": "frame"}]
        if history:
            self._tell_history(history)
        else:
            self._tell_segments(snapshot["segments"])
        if len(self.events) == 1:
            raise SnapshotError("nothing is allocated in it; call torch.cuda.memory._record_memory_history() earlier")

    def _history(self, snapshot):
        """Of the first device that has one."""
        traces = snapshot.get("device_traces", [])
        if not isinstance(traces, list) or not all(isinstance(trace, list) for trace in traces):
            raise SnapshotError("'device_traces' is no list of lists; it is no snapshot of PyTorch's memory")
        filled = [trace for trace in traces if trace]
        for trace in filled[1:]:
            self.left_out["events of other devices"] += len(trace)
        return filled[0] if filled else []

    def _tell_history(self, history):
        live = set()
        for number, entry in enumerate(history):
            action = entry.get("action") if isinstance(entry, dict) else None
            if action == "alloc":
                self._allocate(live, _whole(entry, "addr", 2**64 - 1), _whole(entry, "size", _MOST_BYTES), number)
            elif action == "free_completed":
                self._free(live, _whole(entry, "addr", 2**64 - 1), number)
            elif not isinstance(action, str):
                raise SnapshotError(f"entry {number} of the history has no action; it is no snapshot of PyTorch's memory")
            elif action != "free_requested":
                self.left_out[f"{action[:40]}"] += 1

    def _allocate(self, live, address, size, number):
        if size == 0:
            self.left_out["allocations of 0 bytes"] += 1
            return
        if address in live:
            if not self.begun_late:
                raise SnapshotError(f"entry {number} allocates {address:#x}, which was not freed; --begun-late takes its free as missed")
            self.left_out["frees that were not recorded"] += 1
            self.events.append({"op": "free", "id": address})
        live.add(address)
        self.events.append(_buffer(address, size))

    def _free(self, live, address, number):
        if address in live:
            live.remove(address)
            self.events.append({"op": "free", "id": address})
        elif self.begun_late:
            self.left_out["frees of unknown allocations"] += 1
        else:
            raise SnapshotError(f"entry {number} frees {address:#x}, which nothing allocated: the history began later; --begun-late leaves such frees out")

    def _tell_segments(self, segments):
        for segment in segments:
            begin = at = _whole(segment, "address", 2**64 - 1)
            blocks = segment.get("blocks", [])
            if not isinstance(blocks, list):
                raise SnapshotError("'blocks' of a segment is no list; it is no snapshot of PyTorch's memory")
            for block in blocks:
                size = _whole(block, "size", _MOST_BYTES)
                at = _whole(block, "address", 2**64 - 1) if "address" in block else at
                if block.get("state") == "active_allocated" and size > 0 and at >= begin:
                    self.placements.append([len(self.events), len(self.blocks), at - begin])
                    self.events.append(_buffer(at, size))
                at += size
            self.blocks.append([_whole(segment, "total_size", 2**64 - 1)])

    def lines(self):
        """Those of the trace file, without ends."""
        compact = {"separators": (",", ":")}
        yield json.dumps({"schema": "vkmembench.trace/1", "frames_in_flight": 0, "measure_from_frame": 0, "events": len(self.events),
                          "recorder": RECORDER}, **compact)
        if self.placements:
            yield json.dumps({"placements": self.placements, "blocks": self.blocks}, **compact)
        for event in self.events:
            yield json.dumps(event, **compact)


def write(lines, path):
    """Writes a file that appears whole under its name; `-` is stdout."""
    if path == "-":
        sys.stdout.writelines(line + "\n" for line in lines)
        return
    target = Path(path).resolve()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, prefix=".vkmembench-", delete=False) as file:
        try:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, target)
        except BaseException:
            os.unlink(file.name)
            raise


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python3 -m vkmembench.importers", description="Makes a trace of a snapshot of PyTorch's memory.")
    parser.add_argument("file", help="pickle of torch.cuda.memory._dump_snapshot(), or its JSON form")
    parser.add_argument("-o", "--output", required=True, help="trace.jsonl, or - for stdout")
    parser.add_argument("--begun-late", action="store_true", help="leave out, and count, frees of what was there before the history")
    options = parser.parse_args(arguments)
    try:
        if options.output != "-" and not options.output.endswith(".jsonl"):
            raise SnapshotError(f"-o {options.output}: a trace's name ends in .jsonl; use such a name, or - for stdout")
        importer = Importer(read_snapshot(options.file), options.begun_late)
        write(importer.lines(), options.output)
    except SnapshotError as error:
        print(f"vkmembench: {options.file}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"vkmembench: {options.output}: cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    for what, count in sorted(importer.left_out.items()):
        print(f"left out: {count} × {what}", file=sys.stderr)
    print(f"{len(importer.events)} events: {options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
