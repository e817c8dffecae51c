"""The stepper page: the chain rule of one trace as an HTML file that needs no network and runs nothing but its script.

``page.html`` is the frame, ``page.css`` the look, ``page.js`` what moves; here they become one file.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from autograd.view.cards import held, svg
from autograd.view.dot import LOOKS
from autograd.view.heat import EXPLODING, VANISHING, norms, size, usual
from autograd.view.letters import clean, short
from autograd.view.stages import Script, Stage, stages
from autograd.view.values import encoded, factor, figure, in_line, in_lines, shaped
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Node, Trace

SLIDERS = 64  # nodes: up to this many are recomputed as a slider moves
ENDS = (-4, -2, 1, 3)  # powers of ten at which the tint changes
TITLE = 90  # characters
NOTHING = "Nothing to ask: no gradient here is short enough to write down."
HEAT = '<button type="button" id="heat" aria-pressed="false" aria-keyshortcuts="h">heat</button>'
WITHOUT = "No picture here: Graphviz isn’t installed, or the graph is too large. The ledger has every step."

_HERE = Path(__file__).parent


def page(trace: Trace, exercise: bool = False) -> str:
    """Return the page of a trace; as an exercise it hides the gradients, and the reader fills them in."""
    asked = list(_asked(trace)) if exercise else []
    plan = [s for s in stages(trace) if not asked or s.kind in ("start", "value", "seed")]
    script = Script(trace, plan)
    grads: dict[str, list[list[str]]] = {}
    for step in trace.steps:
        if step.sum is not None:
            grads.setdefault(step.node, []).append(in_lines(step.sum))
    picture = svg(trace, script.read, grads, hidden=bool(asked))
    style, code = (_HERE / "page.css").read_text("utf-8"), (_HERE / "page.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    title = short(clean(trace.title), TITLE)
    notes = [*trace.notes, *([NOTHING] if exercise and not asked else [])]
    return Template((_HERE / "page.html").read_text("utf-8")).substitute(
        policy=policy,
        title=html.escape(title),
        heading=("Exercise: " if asked else "") + f"<bdi>{html.escape(title)}</bdi>",
        legend=_legend(trace),
        heat=HEAT if picture is not None and trace.steps else "",
        heat_key=" <kbd>h</kbd> heat" if picture is not None and trace.steps else "",
        scale=_scale() if picture is not None and trace.steps else "",
        notes="".join(f'<p class="note">{html.escape(n)}</p>' for n in notes),
        picture=picture if picture is not None else f'<p class="note">{WITHOUT}</p>',
        bare="" if picture is not None else " hidden",
        steps="".join(_article(script, k, s) for k, s in enumerate(plan)),
        last=len(plan) - 1,
        sliders=_sliders(trace, script) if not asked else "",
        exercise=_exercise(script, asked) if asked else "",
        ledger=_ledger(script),
        open="" if picture is not None else " open",
        style=style,
        script=code,
        data=_json(_data(trace, script, grads, asked)),
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """Write JSON that no HTML parser can leave early."""
    import json  # start-up cost

    text = json.dumps(encoded(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(trace: Trace, script: Script, grads: dict[str, list[list[str]]], asked: list[str]) -> dict[str, Any]:
    """Return what the script needs: the steps, the graph, its formulas, and in an exercise the answers."""
    given = {id: iter(lines) for id, lines in grads.items()}
    steps: list[dict[str, Any]] = []
    for stage in script.stages:
        step: dict[str, Any] = {"kind": stage.kind, "node": stage.node}
        if stage.kind in ("seed", "message"):
            step |= {"edge": stage.edge, "step": stage.step}
            if stage.node in given:
                step["lines"] = next(given[stage.node])
        steps.append(step)
    live = _is_live(trace) and not asked
    nodes: dict[str, dict[str, Any]] = {}
    for n in trace.nodes:
        nodes[n.id] = {
            "label": f"{script.read.v(n.id)} {script.read.label(n)}".strip(),
            "about": _about(n, script.read),
        }
        if lengths := norms(n):
            nodes[n.id]["norms"] = list(lengths)
        if live:
            nodes[n.id] |= {"value": n.value, "tree": n.tree}
    edges = [{"from": e.from_, "to": e.to} | ({"tree": e.tree} if live else {}) for e in trace.edges]
    found: dict[str, Any] = {"steps": steps, "nodes": nodes, "edges": edges, "live": live}
    scale = size(trace.steps[0].message) if trace.steps else 1.0
    found["heat"] = {"vanishing": VANISHING, "exploding": EXPLODING, "ends": ENDS, "seed": usual(scale)}
    if live and trace.steps:
        found["seed"] = trace.steps[0].message
    if asked:
        found["answers"] = {id: _answer(script, id, grads[id][-1]) for id in asked}
    return found


def _answer(script: Script, id: str, lines: list[str]) -> dict[str, Any]:
    """Return a gradient, and the texts that appear once the reader has it."""
    edges = {}
    for i in script.incoming[id]:
        edge = script.trace.edges[i]
        edges[str(i)] = {
            "message": edge.message,
            "text": in_line(edge.message, entries=3),
            "upstream": factor(in_line(edge.upstream)),
            "local": in_line(edge.local) if isinstance(edge.local, (int, float)) else "",
        }
    return {"P": script.read.nodes[id].grad, "lines": lines, "edges": edges}


def _is_live(trace: Trace) -> bool:
    """Tell whether every number can be computed again in the browser: one by one, in double precision."""
    computed = [n for n in trace.nodes if n.op]
    return (
        bool(computed)
        and len(trace.nodes) == trace.count <= SLIDERS
        and all(n.shape == [] and isinstance(n.value, (int, float)) for n in trace.nodes)
        and all(n.dtype in ("float64", "bool") and n.tree is not None for n in computed)
        and all(e.tree is not None for e in trace.edges if e.message is not None)
    )


def _about(node: Node, read: Reader) -> list[list[str]]:
    facts = {
        "kind": node.kind,
        "shape": shaped(node.shape) if node.shape else "",
        "dtype": node.dtype,
        "module": node.module,
        "source": node.source,
    }
    return [[name, short(clean(fact), 200)] for name, fact in facts.items() if fact]


def _legend(trace: Trace) -> str:
    present = {n.kind for n in trace.nodes}
    chips = "".join(f'<li class="chip {k}">{look.glyph} {k}</li>' for k, look in LOOKS.items() if k in present)
    if not trace.steps:
        return chips
    return (
        chips + "<li>on edges: ∂child/∂parent</li>"
        '<li class="gradient">upstream × local = message to parent</li>'
        '<li class="gradient"><b>gradient = Σ messages</b></li>'
    )


def _scale() -> str:
    """Write what the tints of the heat mean."""
    said = [("zero", "zero"), ("vanishing", f"‖P‖ < {figure(VANISHING)}: vanishing")]
    said += [(f"h{k}", f"≤ {figure(10.0**end)}") for k, end in enumerate(ENDS)]
    said += [("exploding", f"> {figure(EXPLODING)}: exploding"), ("broken", "not finite")]
    chips = "".join(f'<li class="chip {name}">{html.escape(text)}</li>' for name, text in said)
    return f'<ul class="legend" id="scale" aria-label="heat: the norm of each gradient" hidden>{chips}</ul>'


def _article(script: Script, k: int, stage: Stage) -> str:
    rows = "".join(f"<div><dt>{name}</dt><dd>{shown}</dd></div>" for name, shown in script.rows(stage))
    return f'<article id="s{k}"><h2>{script.sentence(stage)}</h2><dl>{rows}</dl></article>'


# The ledger


def _ledger(script: Script) -> str:
    rows = list(_ledger_rows(script))
    forward = "".join(row for kind, row in rows if kind == "value")
    backward = "".join(row for kind, row in rows if kind != "value")
    head = ("edge", "upstream", "local", "message", "running sum")
    text = "<h3>Forward</h3>" + _table(("node", "", "value"), forward)
    return text + ("<h3>Backward</h3>" + _table(head, backward) if backward else "")


def _table(head: tuple[str, ...], body: str) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in head)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def _ledger_rows(script: Script) -> Iterator[tuple[str, str]]:
    trace, read = script.trace, script.read
    at = {s.node: k for k, s in enumerate(script.stages) if s.kind == "value"}
    for node in trace.nodes:
        if node.kind == "rest":
            yield "value", f"<tr><td></td><td>{html.escape(clean(node.name or ''))}</td><td></td></tr>"
            continue
        label = html.escape(short(read.label(node), 64))
        value = held(f"value:{node.id}", in_line(node.value), "td")
        yield (
            "value",
            f"<tr{_row(at.get(node.id))}><th>{_go(read.v(node.id), at.get(node.id))}</th><td>{label}</td>{value}</tr>",
        )
    for k, stage in enumerate(script.stages):
        if stage.kind not in ("seed", "message"):
            continue
        step = trace.steps[stage.step or 0]
        total = ""
        if step.sum is not None:
            total = f"{read.P(stage.node)} = " + held(f"sum:{stage.step}", in_line(step.sum), "b")
        to = read.v(stage.node)
        if stage.edge is None:
            cells = ["", "", in_line(step.message)]
            arrow = f"seed → {to}"
        else:
            edge = trace.edges[stage.edge]
            local = read.local(edge) if edge.position is not None else None
            cells = [held(f"upstream:{stage.edge}", in_line(edge.upstream)) if edge.upstream is not None else ""]
            if local is not None:
                number = held(f"local:{stage.edge}", local.number) if local.number else ""
                cells.append(html.escape(local.formula + (" = " if number else "")) + number)
            else:
                cells.append("")
            cells.append(held(f"message:{stage.edge}", in_line(edge.message), "b"))
            arrow = f"{read.v(edge.to)} → {to}"
        cells = [c.replace("<tspan", "<span").replace("</tspan", "</span") for c in cells]
        looks = ("gradient", "", "gradient")
        tds = "".join(f'<td class="{look}">{cell}</td>' for look, cell in zip(looks, cells, strict=True))
        yield stage.kind, f'<tr{_row(k)}><th>{_go(arrow, k)}</th>{tds}<td class="gradient">{total}</td></tr>'


def _row(k: int | None) -> str:
    return "" if k is None else f' data-step="{k}"'


def _go(text: str, k: int | None) -> str:
    return html.escape(text) if k is None else f'<button type="button" data-go="{k}">{html.escape(text)}</button>'


# Sliders, and the exercise


def _sliders(trace: Trace, script: Script) -> str:
    """Write a slider for each leaf of a small graph of single numbers; the script shows them if it knows every step."""
    if not _is_live(trace):
        return ""
    rows = []
    for n in trace.nodes:
        if n.op or not math.isfinite(n.value):
            continue
        value = f"{n.value:.12g}"
        reach = 2 * max(1.0, abs(n.value))
        step = 10.0 ** (math.floor(math.log10(reach)) - 2)
        name = html.escape(short(f"{script.read.v(n.id)} {script.read.label(n)}".strip(), 40))
        scale = f'min="{n.value - reach!r}" max="{n.value + reach!r}" step="{step!r}" value="{value}"'
        rows.append(
            f'<div class="slider {n.kind}"><label for="r_{n.id}"><bdi>{name}</bdi></label>'
            f'<input type="range" id="r_{n.id}" data-leaf="{n.id}" {scale}>'
            f'<input type="number" step="any" data-leaf="{n.id}" value="{value}" aria-label="{name}, exactly"></div>'
        )
    return (
        '<section id="sliders" aria-labelledby="what-if" hidden><h2 id="what-if">What if?</h2>'
        f'<div class="leaves">{"".join(rows)}</div>'
        '<button type="button" id="reset">back to the trace’s values</button></section>'
    )


def _asked(trace: Trace) -> Iterator[str]:
    """Yield whose gradient the reader is to find, from the output back: those short enough to write."""
    last = {step.node: k for k, step in enumerate(trace.steps)}
    grads = {n.id: n.grad for n in trace.nodes}
    for id in sorted(last, key=last.__getitem__):
        if id not in (trace.output, "rest") and _is_short(grads[id]):
            yield id


def _is_short(value: Any) -> bool:
    if isinstance(value, list):
        return len(in_line(value)) < 60 and not in_line(value).startswith("(")
    return isinstance(value, (int, float)) and math.isfinite(value)


def _exercise(script: Script, asked: list[str]) -> str:
    read = script.read
    items = []
    for id in asked:
        edges = script.incoming[id]
        rules = script.whole(id) + "".join(script.rule(i) for i in edges if not script.scalar)
        locals_ = "".join(script.local(i) for i in edges)
        head = f"{script.read.v(id)} is used {len(edges)} times: add its messages." if len(edges) > 1 else ""
        name = html.escape(f"{read.gradient(id)}")
        label = html.escape(short(read.label(read.nodes[id]), 40))
        items.append(
            f'<li data-asked="{id}"><form><label for="a_{id}"><b class="gradient">{name}</b> <bdi>{label}</bdi></label>'
            f'<input id="a_{id}" autocomplete="off" spellcheck="false"> <button>check</button> '
            f'<button type="button" class="hint">hint</button> <button type="button" class="tell">show me</button>'
            f'<p class="verdict" role="status"></p></form>'
            f'<div class="rule" hidden><p>{html.escape(head)} The rule:</p>{rules}</div>'
            f'<div class="locally" hidden><p>Locally:</p>{locals_}</div></li>'
        )
    return (
        '<section id="exercise" aria-labelledby="your-turn"><h2 id="your-turn">Your turn: <span id="score"></span></h2>'
        "<p>Go back from the output, one gradient at a time; three figures are enough. "
        f"A matrix is written [[1, 2], [3, 4]].</p><ol>{''.join(items)}</ol></section>"
    )
