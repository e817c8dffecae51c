"""The table of every function's time beside NumPy's: that it is made, and that it marks what is slow."""

from benchmarks import primitives


def test_each_kind_of_function_gets_a_row():
    names = ["concatenate", "expit", "gelu", "matmul", "positive", "sum", "where"]
    rows, above = primitives.table(quick=True, names=names)
    assert [row[0] for row in rows] == ["function", *names]
    for row in rows[1:]:
        assert all(float(ratio) >= 0 for cell in row[1:3] for ratio in cell.split()), row
    assert above == []
    assert primitives.text(rows).count("\n| ") == len(names) + 2  # the heads and the line below them


def test_what_is_above_the_bar_needs_a_reason(monkeypatch):
    monkeypatch.setattr(primitives, "SIZES", (10,))
    monkeypatch.setattr(primitives, "BAR", 0.0)
    rows, above = primitives.table(names=["digamma", "tanh"])
    assert above == ["tanh"]
    assert [row[-1] for row in rows[1:]] == [primitives.REASONS["digamma"], "✗"]
