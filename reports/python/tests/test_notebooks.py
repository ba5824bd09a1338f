"""Every notebook runs as it is committed: without outputs before, without an error after, with its figures."""
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REPORTS = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((REPORTS / "notebooks").glob("*.ipynb"))


def test_there_are_the_six():
    assert {path.stem for path in NOTEBOOKS} == {"one_report", "choosing_a_strategy", "triage_of_a_regression", "across_gpus", "trend_over_commits",
                                                 "generated_and_recorded"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, monkeypatch):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code), "commit it without outputs"
    assert not any(word in cell.source for cell in code for word in ("def ", "class ")), "logic belongs to the package"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPORTS / "python"), os.environ.get("PYTHONPATH", "")]))
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    plots = sum("vk.plots." in cell.source for cell in code)
    images = [cell for cell in code if any("image/png" in output.get("data", {}) for output in cell.outputs)]
    assert plots >= 2 and len(images) == plots, "every plot is shown"
    complaints = [output.text for cell in code for output in cell.outputs if output.get("name") == "stderr"]
    assert not [text for text in complaints if "Warning" in text]
