"""Pictures, read back: what is drawn is what was measured; each takes axes, and says what is missing."""

import sys

import numpy as np
import pytest

import nn
from autograd import ArgumentError, MissingDependencyError, ShapeError
from nn import plots
from nn.history import History
from nn.plots.style import CLASSES, GRADIENT, panels
from nn.plots.vanishing import arriving, derivative

LAYERS = {
    "0": {"kind": "Linear", "gradient": [1e-3, 0.0], "mean": [0.1, 0.2], "std": [1.0, 2.0], "zero": [0.0, 0.0]},
    "1": {"kind": "ReLU", "mean": [0.5, 0.4], "std": [0.5, 0.6], "zero": [0.5, 0.75]},
    "2": {"kind": "Linear", "gradient": [1e-1, 2e-1], "mean": [0.0, 0.0], "std": [0.1, 0.1], "zero": [0.0, 0.0]},
}
POINTS, LABELS = nn.datasets.two_moons(60, rng=0).arrays


def drawn(figure, tmp_path):
    """Return the axes of a figure that can be written."""
    figure.savefig(tmp_path / "picture.png", dpi=40)
    return figure.axes


def line():
    """Return a model whose boundary is x₁ = 0.5."""
    model = nn.Linear(2, 1)
    model.weight.assign_(np.array([[4.0, 0.0]]))
    model.bias.assign_(np.array([-2.0]))
    return model


# Learning curves


def test_a_panel_for_each_number_with_its_validation(tmp_path):
    history = History(
        {"loss": [9.0, 0.1], "accuracy": [0.5, 0.6], "grad_norm": [1.0, 2.0], "grad_norm w": [1.0, 1.0],
         "val_loss": [3.0, 4.0], "val_accuracy": [0.4, 0.5]}
    )  # fmt: skip
    axes = drawn(history.plot(), tmp_path)
    labels = [[text.get_label() for text in ax.lines] for ax in axes]
    assert labels == [["loss", "val_loss"], ["accuracy", "val_accuracy"], ["grad_norm", "grad_norm w"]]
    assert [ax.get_yscale() for ax in axes] == ["log", "linear", "linear"]
    assert axes[0].get_title("right") == "best 3 in epoch 1"
    assert axes[0].collections[0].get_offsets().tolist() == [[1.0, 3.0]]  # the ring
    ax = panels("test")[0, 0]
    assert history.plot("loss", "accuracy", ax=ax) is ax.figure
    assert [text.get_label() for text in ax.lines] == ["loss", "accuracy"]
    assert len(drawn(History().plot(), tmp_path)) == 1
    assert len(drawn(History({name: [1.0] for name in "abcd"}).plot(), tmp_path)) == 4


def test_a_notebook_shows_it():
    assert History({"loss": [1.0]}).plot()._repr_png_().startswith(b"\x89PNG")


# Layers


def test_gradients_are_strips_of_epochs(tmp_path):
    (ax,) = drawn(History(layers=LAYERS).plot_gradients(), tmp_path)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\nLinear", "2\nLinear"]
    curves = [c for c in ax.lines if len(c.get_xdata()) == 2]
    np.testing.assert_array_equal(curves[0].get_ydata(), [1e-3, np.nan])  # 0 has no place on a logarithmic axis
    assert curves[1].get_ydata().tolist() == [1e-1, 2e-1]
    assert {c.get_color() for c in ax.lines} == {GRADIENT}
    (cross,) = [c for c in ax.lines if c.get_marker() == "X"]
    assert cross.get_xdata() == [0.38]
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize("values", [[7e-3, 2e-2], [9.5e-3, 8e-2], [1.0, 1.0], [3e-9, 5e4], [0.0, 0.0]])
def test_no_gradient_is_cut_off(values, tmp_path):
    (ax,) = drawn(History(layers={"0": {"kind": "Linear", "gradient": values}}).plot_gradients(), tmp_path)
    low, high = ax.get_ylim()
    assert all(low <= value <= high for value in values if value)


def test_activations_are_bands(tmp_path):
    (ax,) = drawn(History(layers=LAYERS).plot_activations(), tmp_path)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\nLinear", "1\nReLU", "2\nLinear"]
    assert [t.get_text() for t in ax.texts] == ["75% zero"]
    heights = [band.get_paths()[0].vertices[:, 1] for band in ax.collections]
    np.testing.assert_allclose([(h.min(), h.max()) for h in heights], [(-1.8, 2.2), (-0.2, 1.0), (-0.1, 0.1)])


def test_a_history_without_layers_says_what_to_do():
    with pytest.raises(ArgumentError) as caught:
        History().plot_gradients()
    assert str(caught.value) == (
        "in history.plot_gradients()\n"
        "  expected: a history that has measured layers\n"
        "  got:      none\n"
        "  to do:    train with nn.fit(…, callbacks=[nn.LayerStatistics()])"
    )


# Vanishing gradients (course 14)


def test_derivatives_of_the_course():
    z = np.array([-10.0, 10.0, 0.0])
    assert derivative(nn.Sigmoid(), z) == pytest.approx([0, 0, 0.25], abs=1e-4)
    assert derivative(nn.Tanh(), z) == pytest.approx([0, 0, 1], abs=1e-4)
    assert derivative(nn.ReLU(), z)[:2].tolist() == [0, 1]
    assert derivative(nn.LeakyReLU(0.01), z)[:2].tolist() == [0.01, 1]


def test_what_arrives():
    kinds = {name: arriving(getattr(nn, name)(), 10, 64) for name in ("Sigmoid", "Tanh", "ReLU", "LeakyReLU")}
    assert kinds["Sigmoid"][0] < 1e-4 * kinds["Sigmoid"][-1]  # vanishes
    assert 0.3 < kinds["ReLU"][0] / kinds["ReLU"][-1] < 3  # the cure
    far = {name: arriving(getattr(nn, name)(), 10, 64, push=5) for name in kinds}
    assert far["Tanh"][4] < 1e-6 * far["Tanh"][5]  # saturated
    assert far["ReLU"][:5].tolist() == [0] * 5  # dead
    assert 0.003 < far["LeakyReLU"][0] / far["LeakyReLU"][-1] < 0.03  # and its cure: once the slope, 0.01


def test_what_arrives_is_the_gradient():
    """Against the product of the layers' Jacobians, written out for two sigmoid layers."""
    rng = np.random.default_rng(4)
    x, readout = rng.normal(size=(128, 5)), rng.normal(0.0, np.sqrt(1 / 5), (128, 5))
    w, b = rng.normal(0.0, np.sqrt(2 / 5), (2, 5, 5)), rng.normal(0.0, 0.1, (2, 1, 5))
    first = 1 / (1 + np.exp(-(x @ w[0] + b[0])))
    second = 1 / (1 + np.exp(-(first @ w[1] + b[1])))
    above = readout * second * (1 - second)
    below = above @ w[1].T * first * (1 - first)
    expected = [np.sqrt(np.mean(d**2)) for d in (below, above)]
    np.testing.assert_allclose(arriving(nn.Sigmoid(), 2, 5, np.random.default_rng(4)), expected, rtol=1e-12)


def test_the_comparison_in_one_call(tmp_path):
    left, middle, right = drawn(plots.vanishing_gradients(depth=6, width=16), tmp_path)
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["Sigmoid", "Tanh", "ReLU", "LeakyReLU"]
    assert len(middle.lines) == 4
    (crosses,) = [c for c in right.lines if c.get_marker() == "X"]
    assert crosses.get_xdata().tolist() == [1, 2, 3]
    assert [t.get_text() for t in right.texts] == ["exactly 0", "layer 3:\nz ≈ −10"]
    axes = panels("test", 1, 3)[0]
    assert plots.vanishing_gradients([nn.ELU()], depth=3, width=8, axes=axes) is axes[0].figure


# Boundaries


def boundary(ax):
    """Return the points of the dark line."""
    return np.concatenate([p.vertices for c in ax.collections if hasattr(c, "levels") for p in c.get_paths()])


@pytest.mark.parametrize("probabilities", [False, True])
def test_the_boundary_of_one_output(tmp_path, probabilities):
    model = nn.Sequential(line(), nn.Sigmoid()) if probabilities else line()
    (ax,) = drawn(plots.decision_boundary(model, POINTS, LABELS, resolution=80), tmp_path)
    np.testing.assert_allclose(boundary(ax)[:, 0], 0.5, atol=1e-3)
    colours = ax.images[0].get_array()
    blue, orange = colours[40, 0], colours[40, -1]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]
    scatters = [c for c in ax.collections if not hasattr(c, "levels")]
    assert [len(c.get_offsets()) for c in scatters] == [30, 30]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["0", "1"]


def test_another_threshold_and_names(tmp_path):
    ax = panels("test")[0, 0]
    figure = plots.decision_boundary(line(), POINTS, LABELS[:, None], threshold=1.0, names=["left", "right"], ax=ax)
    assert figure is ax.figure
    np.testing.assert_allclose(boundary(ax)[:, 0], 0.75, atol=1e-3)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["left", "right"]


@pytest.mark.parametrize("softmax", [False, True])
def test_the_boundaries_of_several_classes(tmp_path, softmax):
    class Corners(nn.Module):
        def forward(self, x):
            scores = x @ np.array([[4.0, 0.0], [0.0, 4.0], [-4.0, -4.0]]).T
            return nn.functional.softmax(scores, dim=1) if softmax else scores

    x = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    (ax,) = drawn(plots.decision_boundary(Corners(), x, np.arange(40) % 3, resolution=60), tmp_path)
    assert len(ax.get_legend().get_texts()) == 3
    line = boundary(ax)
    scores = np.sort(line @ np.array([[4.0, 0.0], [0.0, 4.0], [-4.0, -4.0]]).T, axis=1)
    assert np.median(scores[:, 2] - scores[:, 1]) < 0.1  # two classes score alike there
    many = plots.decision_boundary(nn.Linear(2, 40), x, np.zeros(40), resolution=20)
    assert drawn(many, tmp_path)
    assert len(CLASSES) >= 10


def test_the_model_stays_as_it_was():
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    before = {name: a.tobytes() for name, a in model.state_dict().items()}
    plots.decision_boundary(model, POINTS, LABELS, resolution=10)
    assert model.training
    assert {name: a.tobytes() for name, a in model.state_dict().items()} == before


# Weights


@pytest.mark.parametrize(("count", "columns"), [(16, 4), (10, 5), (1, 1), (128, 16)])
def test_weights_leave_no_gap(count, columns, tmp_path):
    mosaic = drawn(plots.weights(np.ones((count, 16)), shape=(4, 4), limit=200), tmp_path)[0].images[0].get_array()
    assert (mosaic.shape[1] + 1) // 5 == columns


def test_weights_as_images(tmp_path):
    layer = nn.Linear(6, 3)
    ax, bar = drawn(plots.weights(layer, shape=(2, 3)), tmp_path)
    mosaic = ax.images[0].get_array()
    np.testing.assert_array_equal(mosaic[:2, :3], layer.weight.numpy()[0].reshape(2, 3))
    np.testing.assert_array_equal(mosaic[:2, 4:7], layer.weight.numpy()[1].reshape(2, 3))
    assert mosaic.mask[2].all()  # the line between images
    assert -ax.images[0].norm.vmin == ax.images[0].norm.vmax == abs(layer.weight.numpy()).max()
    assert bar.get_yticklabels()[0].get_text().startswith("−")
    ax = drawn(plots.weights(layer.weight), tmp_path)[0]
    np.testing.assert_array_equal(ax.images[0].get_array(), layer.weight.numpy())


def test_kernels_are_a_column_for_each_output(tmp_path):
    kernels = np.arange(2.0 * 3 * 2 * 2).reshape(2, 3, 2, 2)
    mosaic = drawn(plots.weights(kernels), tmp_path)[0].images[0].get_array()
    assert mosaic.shape == (3 * 3 - 1, 2 * 3 - 1)
    np.testing.assert_array_equal(mosaic[3:5, 3:5], kernels[1, 1])
    assert drawn(plots.weights(np.zeros((5, 1, 3, 3)), limit=4), tmp_path)


# Misuse, and without matplotlib


def test_misuse_is_named():
    with pytest.raises(ShapeError, match=r"points \(n, 2\)"):
        plots.decision_boundary(line(), np.zeros((3, 4)), np.zeros(3))
    with pytest.raises(ShapeError, match="out, in"):
        plots.weights(np.zeros(3))
    with pytest.raises(ShapeError, match="28·28"):
        plots.weights(nn.Linear(5, 5), shape=(28, 28))


DRAW = [
    plots.vanishing_gradients,
    lambda: plots.decision_boundary(line(), POINTS, LABELS),
    lambda: plots.weights(np.eye(2)),
    lambda: plots.confusion_matrix([[1]]),
    lambda: History({"loss": [1.0]}).plot(),
    lambda: History(layers=LAYERS).plot_gradients(),
    lambda: History(layers=LAYERS).plot_activations(),
]


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("missing", ["matplotlib", "matplotlib.figure"])
def test_without_matplotlib_each_says_so(monkeypatch, draw, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingDependencyError, match=r"pip install chaingrad\[plot\]"):
        draw()


def test_a_history_draws_as_its_columns_do():
    history = History()
    history.columns["loss"] = [2.0, 1.0]
    lines = [plots.learning_curves(given).axes[0].lines[0].get_ydata() for given in (history, history.columns)]
    np.testing.assert_array_equal(*lines)


def test_labels_are_no_confusion_matrix():
    with pytest.raises(ArgumentError, match=r"count labels first: nn.metrics.confusion_matrix\(prediction, target\)"):
        plots.confusion_matrix([0, 1, 1])
