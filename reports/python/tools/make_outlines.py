#!/usr/bin/env python3
"""Traces in outline, as the notebook that compares generated and recorded ones reads them.

Usage: make_outlines.py FOLDER/TRACE.jsonl... > outlines.csv    (each of the kind that its folder is called)
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vkmembench.traces import outlines  # noqa: E402

outlines(sys.argv[1:]).to_csv(sys.stdout, index=False)
