"""Seeing a computation: the record of its chain rule, and the table and the picture made from it."""

from autograd.view.doctor import diagnose, why
from autograd.view.record import Trace
from autograd.view.show import mimebundle, show
from autograd.view.trace import trace

__all__ = ["Trace", "diagnose", "mimebundle", "show", "trace", "why"]
