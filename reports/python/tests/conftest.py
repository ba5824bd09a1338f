import sys
from pathlib import Path

import matplotlib
import pytest

REPORTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPORTS / "python"))
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt
    plt.close("all")


@pytest.fixture(scope="session")
def samples():
    return REPORTS / "samples"


@pytest.fixture(scope="session")
def golden():
    import json
    return json.loads((REPORTS / "golden" / "statistics.json").read_text(encoding="utf-8"))
