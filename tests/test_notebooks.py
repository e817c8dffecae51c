from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def texts(notebook):
    """Return what each code cell prints and shows as text, without stderr, pictures and what stands for pictures."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        text = ""
        for output in cell.outputs:
            data = output.get("data", {})
            if output.get("name") != "stderr" and not any(kind.startswith("image/") for kind in data):
                text += output.get("text", "") + data.get("text/plain", "")
        found.append((cell.source, text))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_gives_what_it_shows(path):
    committed = nbformat.read(path, as_version=4)
    executed = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(ROOT)}}
    NotebookClient(executed, timeout=300, kernel_name="python3", resources=resources).execute()
    assert texts(executed) == texts(committed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_as_it_ran(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_there_is_a_first_notebook():
    assert NOTEBOOKS[0].stem == "01_an_engine_on_one_page"
