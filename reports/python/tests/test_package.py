"""The package as it is installed: a wheel made offline, typed, with what it reads."""
import importlib
import inspect
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

import vkmembench as vk
from vkmembench import parquet

SOURCE = Path(__file__).resolve().parents[1]


def public():
    """(name, function) of everything that the package and its modules offer."""
    for name in ("vkmembench", "vkmembench.plots", "vkmembench.gate"):
        module = importlib.import_module(name)
        for attribute in getattr(module, "__all__", [key for key in vars(module) if not key.startswith("_")]):
            value = getattr(module, attribute)
            if inspect.isclass(value) and value.__module__.startswith("vkmembench"):
                yield from ((f"{name}.{attribute}.{key}", of) for key, of in vars(value).items()
                            if inspect.isfunction(of) and value.__module__ != "vkmembench.reading" and not key.startswith("_"))
            elif inspect.isfunction(value) and value.__module__.startswith("vkmembench"):
                yield f"{name}.{attribute}", value


def test_what_is_public_is_typed():
    names = []
    for name, function in public():
        signature = inspect.signature(function)
        untyped = [key for key, parameter in signature.parameters.items() if key != "self" and parameter.annotation is inspect.Parameter.empty]
        assert not untyped, f"{name}: {untyped}"
        assert signature.return_annotation is not inspect.Signature.empty, name
        names.append(name)
    assert {"vkmembench.load", "vkmembench.Reports.pivot", "vkmembench.plots.trend", "vkmembench.gate.decide"} <= set(names)


def test_wheel(tmp_path):
    subprocess.run(["cp", "-r", SOURCE, tmp_path / "source"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation", "-w", tmp_path, tmp_path / "source"],
                   check=True, timeout=300)
    wheel = tmp_path / f"vkmembench-{vk.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
        metadata = held.read(f"vkmembench-{vk.__version__}.dist-info/METADATA").decode()
    modules = {path.relative_to(SOURCE).as_posix() for path in (SOURCE / "vkmembench").rglob("*.py")}
    assert modules | {"vkmembench/py.typed", "vkmembench/metrics.json"} <= names
    assert "vk.load(" in metadata and "Requires-Dist: pandas" in metadata and "License: MIT" in metadata
    code = "import vkmembench as vk; assert 'site' in vk.__file__, vk.__file__; print(vk.__version__, len(vk.plots.__all__))"
    with zipfile.ZipFile(wheel) as held:
        held.extractall(tmp_path / "site")
    done = subprocess.run([sys.executable, "-c", code], check=True, text=True, capture_output=True, cwd=tmp_path, timeout=120,
                          env={"PYTHONPATH": str(tmp_path / "site"), "MPLBACKEND": "Agg", "HOME": str(tmp_path)})
    assert done.stdout.split() == [vk.__version__, str(len(vk.plots.__all__))]


def test_frames_for_parquet_hold_numbers_and_texts(samples):
    reports = vk.load(samples / "nvidia-h100-churn.json")
    for name in parquet.FRAMES:
        frame = getattr(reports, name)
        plain = parquet.plain(frame)
        assert len(plain) == len(frame)
        for column in plain:
            kinds = {type(value) for value in plain[column] if value is not None} if plain[column].dtype == object else set()
            assert len(kinds) <= 1 and kinds <= {str, list}, f"{name}.{column}: {kinds}"
    histograms = parquet.plain(reports.histograms)
    again = vk.Histogram(zip(histograms["bins"][0], histograms["counts"][0]), reports.histograms["histogram"][0].sum,
                         histograms["min"][0], histograms["max"][0], histograms["sub_bits"][0])
    assert again == reports.histograms["histogram"][0]


def test_parquet(samples, tmp_path):
    reports = vk.load(samples / "nvidia-h100-churn.json")
    if find_spec("pyarrow") is None:
        with pytest.raises(vk.ReportError, match="pip install pyarrow"):
            reports.to_parquet(tmp_path / "frames")
        assert not (tmp_path / "frames").exists()
        return
    files = reports.to_parquet(tmp_path / "deep" / "frames")
    assert [file.stem for file in files] == list(parquet.FRAMES)
    metrics = pd.read_parquet(tmp_path / "deep" / "frames" / "metrics.parquet")
    assert list(metrics["value"].fillna(-1)) == list(reports.metrics["value"].fillna(-1))
    assert list(metrics["strategy"]) == list(reports.metrics["strategy"])
