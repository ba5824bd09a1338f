"""Snapshots of PyTorch's memory, made by hand from what torch.cuda.memory._snapshot() documents."""
import json
import pickle
import random

import pytest
from vkmembench import importers
from vkmembench.plain_pickle import PickleError, loads

HISTORY = [
    {"action": "segment_alloc", "addr": 0x1000, "size": 2097152, "stream": 0, "frames": [{"name": "f", "filename": "a.py", "line": 3}]},
    {"action": "alloc", "addr": 0x1000, "size": 1024, "stream": 0, "time_us": 5},
    {"action": "alloc", "addr": 0x1400, "size": 512, "stream": 0, "time_us": 6},
    {"action": "free_requested", "addr": 0x1000, "size": 1024, "stream": 0},
    {"action": "free_completed", "addr": 0x1000, "size": 1024, "stream": 0},
    {"action": "alloc", "addr": 0x1000, "size": 2048, "stream": 0},
]
SEGMENTS = [
    {"device": 0, "address": 0x1000, "total_size": 4096, "allocated_size": 2560, "segment_pool_id": (0, 0), "is_expandable": False,
     "blocks": [{"size": 2048, "requested_size": 2000, "address": 0x1000, "state": "active_allocated", "frames": []},
                {"size": 1536, "requested_size": 0, "address": 0x1800, "state": "inactive"},
                {"size": 512, "requested_size": 500, "address": 0x1e00, "state": "active_allocated"}]},
    {"device": 0, "address": 0x9000, "total_size": 8192, "blocks": [{"size": 8192, "state": "active_allocated"}]},
]
SNAPSHOT = {"segments": SEGMENTS, "device_traces": [[], HISTORY, [{"action": "alloc", "addr": 1, "size": 1}]], "allocator_settings": {"x": 1.5}}


def run(tmp_path, content, *options):
    """The exit code and the lines of the trace, if one was written."""
    source, target = tmp_path / "snapshot", tmp_path / "trace.jsonl"
    source.write_bytes(content)
    code = importers.main([str(source), "-o", str(target), *options])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snapshot"] + (["trace.jsonl"] if code == 0 else [])
    return code, [json.loads(line) for line in target.read_text().splitlines()] if code == 0 else []


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_each_protocol_is_read(protocol):
    odd = {"": [True, False, None, -1, 2**70, -2**70, 0.1, "é\n'", (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [[]], {}, {1: {2: 3}}]}
    shared = ["x"] * 3
    for value in (SNAPSHOT, odd, [shared, shared], list(range(1000)), "text " * 100):
        assert loads(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(6))
def test_a_history_becomes_events(tmp_path, capsys, protocol):
    code, (header, *events) = run(tmp_path, pickle.dumps(SNAPSHOT, protocol))
    assert code == 0
    assert header == {"schema": "vkmembench.trace/1", "frames_in_flight": 0, "measure_from_frame": 0, "events": 5,
                      "recorder": "PyTorch memory snapshot"}
    assert [(event["op"], event.get("id"), event.get("size")) for event in events] == [
        ("frame", None, None), ("buffer", 0x1000, 1024), ("buffer", 0x1400, 512), ("free", 0x1000, None), ("buffer", 0x1000, 2048)]
    assert "left out: 1 × events of other devices\nleft out: 1 × segment_alloc\n" in capsys.readouterr().err


def test_json_is_the_same(tmp_path):
    assert run(tmp_path, json.dumps(SNAPSHOT).encode()) == run(tmp_path, pickle.dumps(SNAPSHOT))


def test_segments_become_what_lives_and_where(tmp_path):
    code, (header, placements, *events) = run(tmp_path, pickle.dumps({"segments": SEGMENTS, "device_traces": [[]]}))
    assert code == 0 and header["events"] == 4
    assert placements == {"placements": [[1, 0, 0], [2, 0, 0xe00], [3, 1, 0]], "blocks": [[4096], [8192]]}
    assert [event.get("size") for event in events] == [None, 2048, 512, 8192]


def test_a_history_that_began_late(tmp_path, capsys):
    late = pickle.dumps({"segments": [], "device_traces": [HISTORY[2:]]})
    assert run(tmp_path, late)[0] == 2
    assert "frees 0x1000, which nothing allocated" in capsys.readouterr().err
    code, lines = run(tmp_path, late, "--begun-late")
    assert code == 0 and len(lines) == 4
    assert "1 × frees of unknown allocations" in capsys.readouterr().err


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("protocol", range(6))
def test_hostile_pickles_run_nothing(tmp_path, capsys, protocol):
    marker = tmp_path.parent / f"ran-{protocol}"
    for value in (Evil(marker), {"segments": [Evil(marker)]}):
        assert run(tmp_path, pickle.dumps(value, protocol))[0] == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "nothing was called" in error
    assert not marker.exists()


@pytest.mark.parametrize("content", [
    b"", b"\x80\x04", b"\x80\x04.", b"\x80\x09}.", b"not a pickle", b"\x80\x04]}]s.", b"\x80\x04}(]Nu.", b"\x80\x04h\x07.", b"(((((.", b"0.",
    b"a.", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"I" + b"9" * 10000 + b"\n.", b"\x80\x04N.", b"{", b"{}", b'{"segments": 1}', b'{"segments": [], "device_traces": [1]}',
    b'{"segments": []}', b"[" * 100000,
    b'{"segments": ' + b"[" * 100000, b'{"segments": [{"address": -1, "total_size": 1}]}',
    b'{"segments": [], "device_traces": [[{"action": "alloc", "addr": 1, "size": 1.5}]]}',
    b'{"segments": [], "device_traces": [[{"action": 1}]]}', b'{"segments": [7]}'], ids=lambda content: content[:24])
def test_what_is_no_snapshot_is_refused_with_a_line(tmp_path, capsys, content):
    assert run(tmp_path, content)[0] == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_cut_and_damaged_pickles_are_refused_or_read():
    whole = pickle.dumps(SNAPSHOT)
    draw = random.Random(7)
    for i in range(2000):
        damaged = bytearray(whole[:draw.randrange(len(whole))] if i % 2 else whole)
        for _ in range(draw.randrange(4)):
            if damaged:
                damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            loads(bytes(damaged))
        except PickleError:
            pass
    with pytest.raises(PickleError):
        loads(whole[:-1])
