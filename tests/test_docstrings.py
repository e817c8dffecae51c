"""Every public function says what it computes, with an example; ``--doctest-modules`` runs them."""

import pytest

import autograd


@pytest.mark.parametrize("name", sorted(autograd.__all__))
def test_public_names_are_documented_with_an_example(name):
    thing = getattr(autograd, name)
    assert thing.__doc__
    if callable(thing) and not (isinstance(thing, type) and issubclass(thing, (Warning, autograd.AutogradError))):
        assert ">>>" in thing.__doc__
