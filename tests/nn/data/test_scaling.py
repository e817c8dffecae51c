import numpy as np
import pytest

from autograd import ArgumentError, GraphError, ShapeError, Tensor
from nn.data import StandardScaler, one_hot


def test_columns_get_mean_0_and_deviation_1_and_come_back():
    x = np.random.default_rng(0).normal(5.0, 3.0, (100, 4))
    scaler = StandardScaler()
    z = scaler.fit_transform(x)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(scaler.inverse_transform(z), x, atol=1e-12)
    np.testing.assert_allclose(scaler.var_, x.var(axis=0))


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1])
def test_a_constant_column_is_only_centred(value):
    scaler = StandardScaler().fit(np.full((1000, 1), value))
    assert scaler.scale_.tolist() == [1.0]
    np.testing.assert_allclose(scaler.transform([[value]]), 0, atol=1e-13)


def test_nan_is_left_out():
    scaler = StandardScaler().fit([[1.0], [np.nan], [3.0]])
    assert (scaler.mean_[0], scaler.var_[0]) == (2.0, 1.0)
    assert np.isnan(scaler.transform([[np.nan]])).all()


def test_dtypes_and_tensors():
    x = np.array([[1.0], [3.0]], np.float32)
    scaler = StandardScaler().fit(Tensor(x))
    assert scaler.transform(Tensor(x)).dtype == np.float32
    assert scaler.transform([[1]]).dtype == np.float64


def test_misuse_is_named():
    with pytest.raises(GraphError, match="before fit"):
        StandardScaler().transform([[1.0]])
    with pytest.raises(ShapeError, match=r"\(n, 1\)"):
        StandardScaler().fit([[1.0]]).transform([[1.0, 2.0]])
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        StandardScaler().fit([1.0, 2.0, 3.0])


def test_one_hot():
    np.testing.assert_array_equal(one_hot([2, 0], 4), [[0, 0, 1, 0], [1, 0, 0, 0]])
    assert one_hot(np.zeros((2, 3), int), 5).shape == (2, 3, 5)
    assert one_hot([1], dtype=np.int64).dtype == np.int64


@pytest.mark.parametrize(
    ("labels", "classes", "message"), [([3], 3, "a label 3"), ([-1], 3, "a label -1"), ([0.5], 3, "float64")]
)
def test_one_hot_refuses(labels, classes, message):
    with pytest.raises(ArgumentError, match=message):
        one_hot(labels, classes)
