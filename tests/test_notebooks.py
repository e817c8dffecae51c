import math
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TRANSLATED = sorted((ROOT / "notebooks" / "vi").glob("*.ipynb"))
CODE, OUTPUT = 85, 87  # characters: what a page of 800 pixels shows without a scroll bar or a broken line
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
all_notebooks = pytest.mark.parametrize(
    "path", NOTEBOOKS + TRANSLATED, ids=lambda path: path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
)


def code(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def texts(cells):
    """Return what each code cell prints and shows as text, without stderr, pictures and what stands for pictures."""
    found = []
    for cell in cells:
        text = ""
        for output in cell.outputs:
            data = output.get("data", {})
            if output.get("name") != "stderr" and not any(kind.startswith("image/") for kind in data):
                text += output.get("text", "") + data.get("text/plain", "")
        found.append((cell.source, text))
    return found


def alike(text, shown):
    """Tell whether two texts are the same, numbers to two percent: another processor's products round differently."""
    if NUMBER.split(text) != NUMBER.split(shown):
        return False
    pairs = zip(NUMBER.findall(text), NUMBER.findall(shown), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=0.02, abs_tol=1e-9) for a, b in pairs)


@notebooks
def test_a_notebook_runs_and_gives_what_it_shows(path):
    executed = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(ROOT)}}
    NotebookClient(executed, timeout=300, kernel_name="python3", resources=resources).execute()
    found = texts(cell for cell in executed.cells if cell.cell_type == "code")
    for (source, text), (_, shown) in zip(found, texts(code(path)), strict=True):
        assert alike(text, shown), f"{source}\n\ngave\n{text}\nbut shows\n{shown}"


@pytest.mark.parametrize(("text", "shown", "same"), [
    ("loss 0.1234, 7 layers", "loss 0.1236, 7 layers", True), ("1.2e-17", "−3e-16", False), ("2e-17", "3e-16", True),
    ("accuracy 0.97", "accuracy 0.93", False), ("loss 1", "cost 1", False), ("a 1 2", "a 1", False),
])  # fmt: skip
def test_what_counts_as_the_same_text(text, shown, same):
    assert alike(text, shown) is same


@all_notebooks
def test_a_notebook_is_committed_as_it_ran(path):
    assert [cell.execution_count for cell in code(path)] == list(range(1, len(code(path)) + 1))
    outputs = [output for cell in code(path) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@all_notebooks
def test_a_notebook_is_light_and_fits_its_column(path):
    assert path.stat().st_size < 700_000
    for cell in code(path):
        assert max(map(len, cell.source.splitlines())) <= CODE, cell.source
        for output in cell.outputs:
            assert all(len(line) <= OUTPUT for line in output.get("text", "").splitlines()), output.text
            svg = output.get("data", {}).get("image/svg+xml", "")
            assert all(float(width) <= 640 for width in re.findall(r'<svg width="([\d.]+)pt"', svg))


@all_notebooks
def test_a_notebook_says_what_it_is_for_and_ends_with_its_words(path):
    words = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert re.match(r"# \d+ · .+\n\n\*(After this|Sau ).+", words[0])
    assert re.match(r"## .*Từ vựng", words[-1])
    for link in re.findall(r"\]\((?!http)(.+?)\)", "\n".join(words)):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.stem)
def test_a_translation_has_the_code_and_the_outputs_of_its_original(path):
    original = ROOT / "notebooks" / path.name
    assert [(c.source, c.outputs) for c in code(path)] == [(c.source, c.outputs) for c in code(original)]


def test_the_notebooks_are_numbered_in_reading_order():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{i:02}" for i in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS[0].stem == "01_an_engine_on_one_page"
