"""Traces in outline, by hand."""
import json

import pytest

import vkmembench as vk
from vkmembench.traces import bin_of, outline, outlines

IMAGE = {"op": "image", "extent": [8, 4, 1], "layers": 2, "samples": 1}
EVENTS = [{"op": "frame"}, {"op": "buffer", "id": 1, "size": 1000}, {"op": "batch", "ids": [2, 3], "sizes": [1024, 7]}, {"op": "frame"}, {"op": "frame"},
          {**IMAGE, "id": 4}, {"op": "free", "ids": [2, 3]}, {"op": "free", "id": 4}, {"op": "sparse_bind", "id": 5, "of": 1}, {"op": "free", "id": 5}]


def test_bins_are_powers_of_two():
    assert [bin_of(value) for value in (0, 1, 2, 3, 4, 1023, 1024)] == [0, 1, 2, 2, 4, 512, 1024]


def test_outline():
    counts = outline(map(json.dumps, EVENTS))
    assert counts == {"buffer bytes": {512: 1, 1024: 1, 4: 1}, "image texels": {64: 1}, "frames lived": {2: 2, 0: 1},
                      "creations a frame": {2: 1, 0: 1, 1: 1}}


def test_what_is_written_is_read(tmp_path):
    (tmp_path / "made").mkdir()
    file = tmp_path / "made" / "t.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    written = outlines([file])
    written.to_csv(tmp_path / "o.csv", index=False)
    frame = vk.load_outlines(tmp_path / "o.csv")
    assert frame.equals(written)
    assert vk.shares(frame, "buffer bytes")["made", "t"].to_dict() == pytest.approx({4: 1 / 3, 512: 2 / 3, 1024: 1})
    assert vk.medians(frame).loc[("made", "t"), "frames lived"] == 2
    with pytest.raises(vk.ReportError, match="no 'sizes'"):
        vk.shares(frame, "sizes")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(vk.ReportError, match="make_outlines"):
        vk.load_outlines(tmp_path / "other.csv")
