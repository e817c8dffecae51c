"""The doctor: what is wrong with a computation or a training, where, why, and what helps."""

from autograd.view.doctor.report import Finding, Report
from autograd.view.doctor.watch import diagnose
from autograd.view.doctor.why import examined, why

__all__ = ["Finding", "Report", "diagnose", "examined", "why"]
