"""The house rules that a reader relies on: floors, no cycles, no hidden imports, no overlong files."""

import ast
import graphlib
import itertools
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [
    "errors", "arrays", "readout", "namesake", "randomness", "threads", "primitives", "graph", "backprop", "tensor",
    "storage", "apply", "calls", "backward", "in_place", "functions", "compositions", "linalg", "elsewhere", "stubs",
    "coverage", "transforms", "view", "autograd", "cli", "__main__",
]  # fmt: skip
LIMIT = 400
LONGER = {  # and why
    "autograd/primitives/notation.py": "one expression tree and its printers, read side by side",
}
NAMELESS = {"utils", "util", "helpers", "helper", "misc", "common", "base"}


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for room in ("autograd", "nn") for path in sorted((ROOT / room).rglob("*.py"))}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}


def floor(module):
    """Return the height of a module of autograd; the package's own top level is the floor ``autograd``."""
    room = module.split(".")[:2][-1]
    assert room in FLOORS, f"{module} is in no room of the house: give {room!r} a floor here and in the README"
    return FLOORS.index(room)


def imports(tree, known=FILES):
    """Yield (statement, module it reaches) for each import of a module of ours; generated stubs have no floor."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in inner]
        yield from ((node, name) for name in names if name in known)


def running(tree):
    """Return the file without what only the type checker reads: a type may name who uses it, in the same room."""

    class Running(ast.NodeTransformer):
        def visit_If(self, node):
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Running().visit(ast.parse(ast.unparse(tree)))


def climbing(module, tree):
    """Return the imports of an autograd module that reach a higher floor, or nn."""
    return [
        f"{module}, line {node.lineno}: imports {target} from a higher floor"
        for node, target in imports(tree)
        if target.split(".")[0] == "nn" or floor(target) > floor(module)
    ]


def unexplained(tree, lines):
    """Return the imports inside functions that have no comment on their line or the one above."""
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))]
    inner = {n for f in functions for n in ast.walk(f) if isinstance(n, (ast.Import, ast.ImportFrom))}
    return sorted(
        f"line {n.lineno}: {lines[n.lineno - 1].strip()}"
        for n in inner
        if "#" not in lines[n.lineno - 1] and not lines[n.lineno - 2].lstrip().startswith("#")
    )


def private(tree):
    """Return what a file uses of autograd beyond the public names of its top level."""
    rooms = {module.split(".")[1] for module in FILES if module.startswith("autograd.")}
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.startswith("autograd.")]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "autograd":
            public = node.module == "autograd"
            names = [a.name for a in node.names if not public or a.name in rooms or a.name.startswith("_")]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "autograd":
            names = [node.attr] if node.attr in rooms or node.attr.startswith("_") else []
        found += [f"line {node.lineno}: {name}" for name in names]
    return found


AUTOGRAD = [module for module in FILES if module.split(".")[0] == "autograd"]
NN = [module for module in FILES if module.split(".")[0] == "nn"]


@pytest.mark.parametrize("module", AUTOGRAD)
def test_imports_go_down(module):
    assert climbing(module, TREES[module]) == []


def test_no_module_imports_itself_in_a_circle():
    edges = {module: [target for _, target in imports(running(tree))] for module, tree in TREES.items()}
    graphlib.TopologicalSorter(edges).prepare()  # raises CycleError, naming the modules


@pytest.mark.parametrize("module", FILES)
def test_an_import_inside_a_function_says_why(module):
    assert unexplained(TREES[module], FILES[module].read_text(encoding="utf-8").splitlines()) == []


@pytest.mark.parametrize("module", NN)
def test_nn_uses_public_names_only(module):
    assert private(TREES[module]) == []


def test_no_file_is_called_anything_goes():
    written = itertools.chain(*((ROOT / room).rglob("*.py") for room in ("autograd", "nn", "tests", "benchmarks")))
    assert [path for path in written if path.stem in NAMELESS] == []


def test_a_long_file_has_a_stated_reason():
    lengths = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8").count("\n") for p in FILES.values()}
    assert {name for name, length in lengths.items() if length > LIMIT} == set(LONGER), (
        "state the reason for a long file in LONGER; take out what has become shorter"
    )


# The rules themselves, on code that breaks them


def test_a_climbing_import_is_found():
    assert climbing("autograd.graph.node", ast.parse("from autograd.tensor import Tensor"))
    assert climbing("autograd.errors", ast.parse("import nn"))
    assert climbing("autograd", ast.parse("from autograd.cli import main"))
    assert climbing("autograd.tensor", ast.parse("def f():\n    import autograd"))
    assert not climbing("autograd.cli.main", ast.parse("import autograd\nfrom autograd.graph import order"))


def test_an_unexplained_import_is_found():
    text = "def f():\n    import os\n    # start-up cost\n    import re\n    import json  # optional\n"
    assert unexplained(ast.parse(text), text.splitlines()) == ["line 2: import os"]


def test_a_private_name_is_found():
    assert private(ast.parse("import autograd\nfrom autograd import Tensor\nautograd.tanh(1.0)")) == []
    assert private(ast.parse("import autograd.graph")) == ["line 1: autograd.graph"]
    assert private(ast.parse("from autograd import Tensor, _x, tensor")) == ["line 1: _x", "line 1: tensor"]
    assert private(ast.parse("from autograd.tensor import raw")) == ["line 1: raw"]
    assert private(ast.parse("autograd.tanh(autograd.graph)")) == ["line 1: graph"]
