"""Operands from the shell: numbers, lists and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd.cli.operands import read
from autograd.errors import AutogradError


def refusal(*arguments, labels=()):
    with pytest.raises(AutogradError) as caught:
        read(arguments, labels)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0), ("-3", -3.0), ("1e-3", 0.001), ("1/4", 0.25), ("2*pi", 2 * np.pi), ("-inf", -np.inf),
        ("nan", np.nan),
        ("[1, -2, .5]", [1, -2, 0.5]), ("[[1,2],[3,4]]", [[1, 2], [3, 4]]), ("[]", []), ("[[], []]", np.zeros((2, 0))),
        ("[nan, -inf, −1]", [np.nan, -np.inf, -1]), ("(1, 2)", [1, 2]), ("True", 1.0), (" 7 ", 7.0), ("[1,]", [1]),
    ],
)  # fmt: skip
def test_numbers_and_lists_are_floats(text, expected):
    found = read([f"x={text}"])["x"]
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.array(expected, dtype=float))


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=st.floats(width=64)))
def test_a_printed_list_is_read_back_to_the_last_bit(array):
    np.testing.assert_array_equal(read([f"x={array.tolist()}"])["x"], array)


def test_several_names_keep_their_order():
    assert list(read(["w₁=1", "x = 2", "ŷ=3"])) == ["w₁", "x", "ŷ"]


def test_labels_stay_whole_numbers():
    found = read(["t=[0, 2]", "x=[0, 2]"], labels=["t"])
    assert found["t"].dtype == np.int64
    assert found["x"].dtype == np.float64


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u8", "?"])
def test_files_keep_their_floats(tmp_path, dtype):
    np.save(tmp_path / "x.npy", np.array([[0, 1], [1, 0]], dtype=dtype))
    found = read([f"x=@{tmp_path}/x.npy"])["x"]
    assert found.dtype == (np.dtype(dtype).newbyteorder("=") if np.dtype(dtype).kind == "f" else np.float64)
    np.testing.assert_array_equal(found, [[0, 1], [1, 0]])


def test_a_missing_file():
    assert (
        refusal("x=@nowhere.npy")
        == """\
in the value of 'x'
  expected: a file that np.save has written, of numbers
  got:      nowhere.npy: No such file or directory
  to do:    check the path, and write it again with np.save(path, array)"""
    )


def test_a_ragged_list():
    assert (
        refusal("x=[[1, 2], [3]]")
        == """\
in a list of numbers
  expected: numbers in lists of equal length at each level
  got:      [[1, 2], [3]]
  to do:    fill up the shorter lists"""
    )


def test_a_name_in_a_value():
    assert (
        refusal("x=[1, y]")
        == """\
in the expression
    [1, y]
        ^
  expected: numbers as the value of 'x'
  got:      'y'
  to do:    write a number, as in x=1"""
    )


@pytest.mark.parametrize(
    "argument",
    [
        "x", "=1", "x=", "1=2", "x y=1", "x()=1", "x.T=1", "None=1", "lambda=1", "x='a'", "x=None", "x=...",
        "x=[1, 'a']", "x=[None]",
        "x=[1", "x=__import__('os')", "x=open('a')", "x=[[1], 2]", "x=" + "[" * 10_000, "x=@", "x=@/", "x=@.",
        "x=1e999", "x=[1]['a']",
    ],
)  # fmt: skip
def test_what_is_no_operand_is_refused(argument):
    assert refusal(argument).count("\n") >= 3


def test_a_name_given_twice():
    assert "a second value for 'x'" in refusal("x=1", "x=2")


def test_fractions_are_no_labels():
    assert "fractions" in refusal("t=[0.5]", labels=["t"])
    assert "fractions" in refusal("t=nan", labels=["t"])


class Trap:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)


def test_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    assert "expected: a file that np.save has written" in refusal(f"x=@{tmp_path}/x.npy")


@pytest.mark.parametrize(
    "array",
    [np.array(["a"]), np.array([1j]), np.zeros(2, "i4,f4"), np.array(["2020-01-01"], "M8[D]"), np.longdouble([1])],
)
def test_files_of_other_things_than_numbers(tmp_path, array):
    np.save(tmp_path / "x.npy", array)
    assert "expected: real numbers" in refusal(f"x=@{tmp_path}/x.npy")


def test_a_file_cut_or_damaged_anywhere_is_read_or_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(4.0))
    whole = (tmp_path / "x.npy").read_bytes()
    rng = np.random.default_rng(0)
    for length in range(0, len(whole), 3):
        (tmp_path / "cut.npy").write_bytes(whole[:length])
        assert "expected: a file that np.save has written" in refusal(f"x=@{tmp_path}/cut.npy")
    for place in range(128):  # magic, version, header
        damaged = bytearray(whole)
        damaged[place] = rng.integers(256)
        (tmp_path / "damaged.npy").write_bytes(damaged)
        try:
            read([f"x=@{tmp_path}/damaged.npy"])
        except AutogradError:
            continue


def test_an_archive_is_no_array(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.ones(2))
    assert "expected: a file that np.save has written" in refusal(f"x=@{tmp_path}/x.npz")
