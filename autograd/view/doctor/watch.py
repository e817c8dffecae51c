"""``diagnose``: what is computed inside is watched, each backward pass at a glance and some of them closely."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.errors import AutogradError
from autograd.graph.clock import caller, line_of
from autograd.graph.mode import Mode, current, switched
from autograd.graph.node import Node
from autograd.graph.order import ancestors
from autograd.tensor import raw
from autograd.view.doctor.anatomy import Anatomy, Line, called, cosine, finite, short_path, where
from autograd.view.doctor.created import first_message, first_value
from autograd.view.doctor.mistakes import mistakes
from autograd.view.doctor.overwritten import Sums, checksums, overwritten
from autograd.view.doctor.parts import unfound, unused
from autograd.view.doctor.report import Finding, Report
from autograd.view.doctor.training import EARLY, Course
from autograd.view.doctor.units import Off, along_layers, dead, off, saturated, symmetric
from autograd.view.doctor.zeros import zero_gradients

OFTEN = 64  # every so many backward passes one is looked at closely; before that the 1st, 2nd, 4th, 8th, …
ALONG = 0.999  # a cosine: parallel but for rounding
ALARMS = 4  # passes that are looked at closely because of what a glance showed
MOST = 100_000  # nodes that are remembered without a backward pass
LATEST = 3  # batches in which a unit must have been off


def examine(seen: Anatomy, step: int | None = None, zero: dict[Finding, list[Node]] | None = None) -> list[Finding]:
    """Return what one graph and its backward pass show, apart from rectifiers that a batch alone can't judge.

    ``zero`` takes up the leaves without gradient of each finding that says why.
    """
    broken = first_value(seen, step)
    if broken is not None and finite(seen.values[seen.root]) and all(finite(P) for P in seen.P.values()):
        broken = None  # selected away: it reaches neither the output nor a gradient
    found = [broken] if broken is not None else []
    message = first_message(seen, step) if broken is None else None
    if message is not None and not all(finite(P) for n, P in seen.P.items() if n.primitive is None):
        found.append(message)
    early = step is None or step <= EARLY  # what doesn't change with the weights
    found += mistakes(seen, step) if early else []
    if broken is None:
        layers, still = along_layers(seen, step), zero_gradients(seen, step)
        if zero is not None:
            zero |= still
        found += [*still, *saturated(seen, step), *(symmetric(seen, step) if early else [])]
        found += [layers] if layers is not None else []
    return found


class Watch:
    """What a ``diagnose`` block has seen."""

    def __init__(self, model: Any = None) -> None:
        self.model = model
        self.course = Course()
        self.found: dict[tuple[str, str, str], Finding] = {}  # the first of each kind, operation and place
        self.off: dict[tuple[str, str], list[Off]] = {}
        self.nodes: dict[Node, Line] = {}  # recorded since the last backward pass
        self.constant: dict[Node, Sums] = {}  # of these, the checksums of plain arrays that backward will read
        self.reached: set[Node] = set()
        self.lost: dict[Node, tuple[str, Node, str]] = {}  # leaves that were used, where the way ends, and how
        self.hidden: dict[int, tuple[Any, str, str]] = {}  # values computed under no_grad
        self.through: set[tuple[str, str]] = set()  # of these, the operations whose results went into a graph
        self.unseen: set[tuple[str, str]] = set()  # modules, path and kind, that ran under no_grad
        self.mode: Mode = replace(current.get(), whole=True, watch=self)  # it remembers the modules that ran in it
        self.zero: dict[tuple[str, str, str], list[Node]] = {}  # the leaves of findings that later passes may refute
        self.alarms, self.busy = 0, False

    # What the engine tells

    def recorded(self, node: Node) -> None:
        """Note a new node, and the line that made it."""
        if len(self.nodes) >= MOST:
            self.nodes.clear()
            self.constant.clear()
        frame = caller()
        self.nodes[node] = frame.f_code, frame.f_lasti
        if sums := checksums(node):
            self.constant[node] = sums

    def unrecorded(self, primitive: Any, values: list[Any], y: Any, tracked: bool, scope: Any) -> None:
        """Note what was computed under ``no_grad``."""
        self.unseen.update(scope.kinds[-1:])
        if isinstance(y, np.ndarray) and (tracked or any(id(v) in self.hidden for v in values)):
            frame = caller()
            self.hidden[id(y)] = weakref.ref(y), primitive.name, line_of(frame.f_code, frame.f_lasti)
            if len(self.hidden) > MOST:
                self.hidden.clear()

    def swept(self, seeds: dict[Node, Any], P: dict[Node, Any]) -> None:
        """Look at a backward pass that has just run."""
        if self.busy or not seeds:
            return
        self.busy = True
        try:
            self._look(seeds, P)
        finally:
            self.busy = False

    def _look(self, seeds: dict[Node, Any], P: dict[Node, Any]) -> None:
        root, seed = next(iter(seeds.items()))
        n = self.course.passes + 1
        closely = n & (n - 1) == 0 or n % OFTEN == 0
        if n <= ALARMS:
            self._recorded_updates()
        for finding in overwritten(root, self.constant, self.nodes, n):
            self.found.setdefault((finding.kind, finding.operation, finding.where), finding)
        alarm = self.course.note(root.y, P, closely)
        if alarm and not closely and self.alarms < ALARMS:
            self.alarms += 1
            closely = True
        if closely:
            with switched(replace(current.get(), watch=None)):
                self._closely(root, getattr(seed, "_value", seed), n)
        if self.hidden:
            for operand in (o for node in self.nodes for o in node.operands):
                ref, *made = self.hidden.get(id(operand), (None,))
                if ref is not None and ref() is operand:
                    self.through.add((made[0], made[1]))
        self.reached.update(P)
        if closely or n <= EARLY:
            self._lose(root)
        self.nodes.clear()
        self.constant.clear()

    def _closely(self, root: Node, seed: Any, n: int) -> None:
        seen = Anatomy(root, seed, self.nodes)
        if any(f.kind in ("NaN", "overflow") for f in self.found.values()):
            return  # all that follows is NaN as well
        zero: dict[Finding, list[Node]] = {}
        for finding in examine(seen, n, zero):
            key = finding.kind, finding.operation, finding.where
            self.found.setdefault(key, finding)
            if finding in zero:
                self.zero[key] = zero[finding]
        for unit in off(seen):
            latest = self.off.setdefault((unit.name, unit.where), [])
            latest.append(unit)
            del latest[:-LATEST]

    def _lose(self, root: Node) -> None:
        """Note leaves that were used and that no pass has reached."""
        used = {p for n in self.nodes for p in n.parents if p is not None and p.primitive is None and p.requires_grad}
        lost = used - self.reached - self.lost.keys()
        if not lost:
            return
        order = sorted(self.nodes, key=lambda n: n.number)
        below = set(ancestors([root]))
        from_lost: set[Node] = set(lost)
        for node in order:
            if not from_lost.isdisjoint(p for p in node.parents if p is not None):
                from_lost.add(node)
        severed = [n for n in order if n in from_lost and n not in below]
        within = {p for n in severed for p in n.parents}
        ends = [n for n in severed if n not in within] or severed[-1:]
        if not ends:
            return
        end, how = ends[-1], _break(ends[-1], below)
        for leaf in lost:
            self.lost[leaf] = where(end, self.nodes), end, how

    # What it comes to

    def findings(self) -> list[Finding]:
        """Return all that has been found until now."""
        found = [f for key, f in self.found.items() if not self._refuted(key)]
        for place, latest in self.off.items():
            found += dead(latest) if ("dead units", *place) not in self.found else []
        found += [*self._detached(), *self._hidden(), *self._in_mode()]
        if self.model is not None:
            found += [*unfound(self.model), *unused(self.model, self.reached, set(self.lost))]
        found += self.course.findings(bool(found))
        return found

    def never(self) -> list[Finding]:
        """Return the finding that nothing was ever differentiated, at the end."""
        if self.course.passes or not any(n.requires_grad for n in self.nodes):
            return []
        last = max(self.nodes, key=lambda n: n.number)
        return [Finding(
            "no gradient", where(last, self.nodes), last.primitive.name if last.primitive is not None else "",
            "backward() was never called: no gradient was computed", "call loss.backward() after computing the loss",
            f"{len(self.nodes)} operations were recorded, and no backward pass ran", None,
        )]  # fmt: skip

    def _recorded_updates(self) -> None:
        """Find steps that were taken as computations: what ``w = w - lr * w.grad`` makes is no leaf."""
        for node in self.nodes:
            leaf, step = node.first, node.b
            if node.primitive is None or node.primitive.name not in ("subtract", "add") or leaf is None:
                continue
            known = self.course.leaves.get(leaf)
            if known is None or node.second is None or node.second.requires_grad or leaf.grad is None:
                continue
            grad = raw(leaf.grad)
            if np.shape(step) == np.shape(grad) and abs(cosine(step, grad)) > ALONG:
                name = node.primitive.name
                self.found.setdefault(("never updated", name, ""), Finding(
                    "never updated", where(node, self.nodes), name, "the update was recorded: its result is a computed "
                    "tensor, which keeps no .grad, and not the leaf any more",
                    "update in place: with autograd.no_grad(): w -= lr * w.grad; or use an optimizer",
                    f"{called(leaf)} and a multiple of its gradient went into {name}", None,
                ))  # fmt: skip

    def _refuted(self, key: tuple[str, str, str]) -> bool:
        """Tell whether leaves that had a gradient of 0 have another one by now, as weights before a zero layer have."""
        leaves = [self.course.leaves[n] for n in self.zero.get(key, ()) if n in self.course.leaves]
        return bool(leaves) and all(leaf.latest > 0 for leaf in leaves)

    def _detached(self) -> list[Finding]:
        by_end: dict[Node, list[Node]] = {}
        for leaf, (_, end, _) in self.lost.items():
            if leaf not in self.reached:
                by_end.setdefault(end, []).append(leaf)
        found = []
        for end, leaves in by_end.items():
            place, _, how = self.lost[leaves[0]]
            names = ", ".join(map(called, leaves))
            found.append(Finding(
                "detached", place, end.primitive.name if end.primitive is not None else "", f"detached: {how}",
                "leave out detach(), numpy(), data and no_grad() between the parameters and the loss; compute with "
                "tensors all the way", f"{names} took part in the forward pass and received no gradient: the way from "
                "there to the loss ends here", None,
            ))  # fmt: skip
        return found

    def _hidden(self) -> list[Finding]:
        return [
            Finding(
                "detached", short_path(place), name,
                f"computed under no_grad: {name} wasn't recorded, so nothing below it receives a gradient",
                "compute what is trained outside of no_grad(); use no_grad() to evaluate only",
                "its result went into the loss", None,
            )
            for name, place in self.through
        ]  # fmt: skip

    def _in_mode(self) -> list[Finding]:
        trained = any(leaf.moved for leaf in self.course.leaves.values())
        ran, found = _ran(self.mode), []
        asleep = sorted((p, k) for p, k in ran if k.endswith(", evaluation"))
        if trained and asleep and not any(k.endswith(", training") for _, k in ran):
            found.append(Finding(
                "evaluation mode", ", ".join(f"module {p} {k}" for p, k in asleep), _class(asleep[0][1]),
                "the model is trained in evaluation mode: dropout drops nothing, batch norm uses old statistics",
                "call model.train() before training, and after each evaluation",
                "these modules ran in evaluation mode while parameters were trained", None,
            ))  # fmt: skip
        awake = sorted((p, k) for p, k in self.unseen if k.endswith(", training"))
        if awake:
            found.append(Finding(
                "training mode", ", ".join(f"module {p} {k}" for p, k in awake), _class(awake[0][1]),
                "the model is evaluated in training mode: dropout drops, batch norm uses and changes its statistics",
                "call model.eval() before evaluating, and model.train() afterwards",
                "these modules ran in training mode under no_grad()", None,
            ))  # fmt: skip
        return found


def _ran(mode: Mode) -> set[tuple[str, str]]:
    """Return the modules, path and kind, that ran in a mode."""
    return {k for inner in mode.inner.values() for k in (*inner.scope.kinds[-1:], *_ran(inner))}


def _class(kind: str) -> str:
    """Return the class in ``Dropout(0.5), training``."""
    return kind.split(",")[0].split("(")[0]


def _break(end: Node, below: set[Node]) -> str:
    """Say how the way from ``end`` to the loss was cut."""
    owner = _owner(end.y)
    for node in below:
        values = [node.y] if node.primitive is None else [o for o in node.operands if isinstance(o, np.ndarray)]
        if any(v is end.y for v in values):
            return "the loss goes on with its value alone, by detach() or under stop_gradient"
        if owner is not None and any(_owner(v) is owner for v in values):
            return "the loss goes on with its plain array, by numpy(), data or detach()"
    if end.primitive is not None and not end.requires_grad:
        reasons = [r for r in end.primitive.rules if isinstance(r, str)]
        return f"{end.primitive.name} has no derivative: {reasons[0]}" if reasons else "its result has no gradient"
    return "nothing recorded leads from it to the loss: its value left the graph (numpy(), item(), data, a new Tensor)"


def _owner(value: Any) -> Any:
    """Return the array whose memory this is."""
    if not isinstance(value, np.ndarray):
        return None
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


@contextlib.contextmanager
def diagnose(title: str = "diagnosis", model: Any = None) -> Iterator[Report]:
    """Watch what is computed inside, and say what is wrong: operation, place, cause and remedy of each fault.

    For a training loop, a few steps are enough. The report names the first operation that gives NaN or infinity,
    forward or backward, and its source line; gradients that vanish, explode, or are zero, and why; units that are dead
    or saturated; parameters that are detached or that no step changes; steps that diverge; losses given wrong things;
    plain arrays that are overwritten before the backward pass.
    Each backward pass is looked at in passing, the 1st, 2nd, 4th, 8th, … and every 64th closely. NumPy's own warnings
    are silent inside. An error of this package is noted, and raised as ever.

    With the ``model`` (an nn.Module) it also names parameters that had no part in any loss, and layers in a plain list
    or dict, which ``model.parameters()`` doesn't find.

    >>> import autograd
    >>> w = autograd.Parameter([1.0, 0.0], name="w")
    >>> with autograd.diagnose() as report:
    ...     np.log(w).sum().backward()
    >>> report[0].operation, report[0].cause
    ('log', 'log of zero')
    """
    watch = Watch(model)
    caught: list[Finding] = []
    report = Report(title, lambda: [*caught, *watch.findings()])
    with switched(watch.mode), np.errstate(all="ignore"):
        try:
            yield report
        except AutogradError as problem:
            caught.append(_raised(problem, watch))
            raise
        except BaseException:
            watch._recorded_updates()
            raise
        else:
            caught += watch.never()
        finally:
            settled = watch.findings()
            report._find = lambda: [*caught, *settled]


def _raised(problem: AutogradError, watch: Watch) -> Finding:
    """Return the finding of an error: what it says, and more of a loss that has no gradient."""
    subject = problem.where.removeprefix("backward from ").removeprefix("the backward pass of ")
    name = subject.split("(")[0].split()[0]
    if not problem.where.startswith("backward from"):
        cause = f"got {problem.got}; expected {problem.expected}"
        return Finding("error", problem.where, name, cause, problem.remedy, type(problem).__name__)
    if watch.hidden:
        return Finding(
            "no gradient", problem.where, "backward", "the loss was computed under no_grad(), so nothing was recorded",
            "compute the loss outside of no_grad(); use no_grad() to evaluate only", problem.got,
        )  # fmt: skip
    stops = [n for n in watch.nodes if not n.requires_grad and n.primitive is not None]
    jumps = [n for n in stops if n.primitive is not None and any(isinstance(r, str) for r in n.primitive.rules)]
    last = jumps[0] if jumps else max(watch.nodes, key=lambda n: n.number, default=None)
    if last is None or last.primitive is None:
        return Finding("error", problem.where, "backward", f"got {problem.got}", problem.remedy, problem.expected)
    reasons = [r for r in last.primitive.rules if isinstance(r, str)]
    if reasons:
        cause = f"{last.primitive.name} has no derivative: {reasons[0]}"
        remedy = "use a smooth loss, such as cross_entropy or bce_with_logits on what goes into it"
    else:
        cause = (
            f"detached: only the value of {last.primitive.name} went into the loss (detach, numpy, item, stop_gradient)"
        )
        remedy = "compute the loss with tensors all the way, without detach(), numpy() and item()"
    return Finding("no gradient", where(last, watch.nodes), last.primitive.name, cause, remedy, problem.got)
