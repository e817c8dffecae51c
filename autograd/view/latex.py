r"""The ledger for a paper: two ``tabular`` environments that need nothing but ``amsmath`` and ``booktabs``."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from autograd.primitives.notation import LaTeX
from autograd.view.letters import clean, short
from autograd.view.values import in_line
from autograd.view.wording import NAMES, Reader, headed

if TYPE_CHECKING:
    from autograd.view.record import Edge, Trace

_SIGNS = {
    "−": "-", "⁻": "-", "·": r"\cdot ", "×": r"\times ", "→": r"\to ", "Σ": r"\Sigma ", "Π": r"\Pi ", "…": r"\ldots ",
    "∞": r"\infty ", "Ḡ": r"\bar{G}", "ȳ": r"\bar{y}", "–": r"\text{--}", "½": r"\tfrac12 ", "¼": r"\tfrac14 ",
    "¾": r"\tfrac34 ", "′": "'",
}  # fmt: skip
_ACCENTS = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar", "\u0307": r"\dot"}
_ESCAPES = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    **{c: "\\" + c for c in "{}_#&%$"},
}  # fmt: skip


def tabular(trace: Trace) -> str:
    r"""Return the forward and the backward ledger of a trace, to be taken in with ``\input``."""
    read = Reader(trace)
    head = [
        r"% \usepackage{amsmath,booktabs}",
        *(f"% {short(clean(line), 200)}" for line in (trace.title, *trace.notes)),
    ]
    rows: list[tuple[str, ...]] = []
    for heading, node in headed(trace):
        if node is None:
            rows.append((r"\multicolumn{4}{l}{" + _words(heading) + "}",))
            continue
        made = [f"= {node.latex}"] if node.latex else []
        made = [_words(node.op or "")] if node.kind == "group" else made
        named = [_letter(short(clean(node.name), NAMES))] if node.name and node.id != trace.output else []
        letter = _letter(read.v(node.id)) if node.kind != "rest" else r"\ldots"
        value = _figures(in_line(node.value)) if node.kind != "rest" else ""
        rows.append((letter, r"\text{" + node.kind + "}", r"\ ".join(named + made), value))
    blocks = [*head, *_block("lllr", ("node", "kind", "", "value"), rows)]
    if trace.steps:
        blocks += [
            "",
            *_block("lrlll", ("edge", "upstream", "local", "message", "running sum"), _backward(trace, read)),
        ]
    return "\n".join(blocks) + "\n"


def _backward(trace: Trace, read: Reader) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for step in trace.steps:
        P = rf"P^{{{step.node[1:]}}}" if step.node != "rest" else "P"
        total = f"{P} = {_figures(in_line(step.sum))}" if step.sum is not None else ""
        to = _letter(read.v(step.node))
        if step.edge is None:
            rows.append((rf"\text{{seed}} \to {to}", "", "", _figures(in_line(step.message)), total))
            continue
        edge = trace.edges[step.edge]
        upstream = _figures(in_line(edge.upstream)) if edge.upstream is not None else ""
        arrow = rf"{_letter(read.v(edge.to))} \to {to}"
        rows.append((arrow, upstream, _local(edge, read), _figures(str(read.product(edge))), total))
    return rows


def _local(edge: Edge, read: Reader) -> str:
    """Write ``∂v₃/∂v₁ = w = 5``, or the rule of the message where the derivative is no plain partial."""
    if edge.position is None or edge.local is None:
        return ""
    left = rf"\frac{{\partial {_letter(read.v(edge.to))}}}{{\partial {_letter(read.v(edge.from_))}}}"
    number = "" if isinstance(edge.local, (list, dict)) else _figures(in_line(edge.local))
    formula = edge.latex or ""
    if r"\bar{y}" in formula:
        rule = formula.replace(r"\bar{y}", r"\bar{G}")
        return rf"{left}:\ {rule}" + (f" = {number}" if number else "")
    if edge.structure == "identity" and formula == "1":
        formula = "I"
    elif edge.structure in ("identity", "diagonal"):
        formula = rf"\operatorname{{diag}}\left({formula}\right)"
    elif edge.structure is not None:
        formula += r",\ \text{" + edge.structure.replace("Σ", r"$\Sigma$") + "}"
    parts = [left, *([formula] if formula and formula != number else []), *([number] if number else [])]
    return " = ".join(parts)


def _block(columns: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    body = [
        " & ".join(f"${_tidy(cell)}$" if cell else "" for cell in row) + r" \\"
        if len(row) > 1
        else _tidy(row[0]) + r" \\"
        for row in rows
    ]
    top = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    return [*top, *body, r"\bottomrule", r"\end{tabular}"]


def _letter(name: str) -> str:
    return (
        r"\ldots"
        if name == "…"
        else LaTeX().letter(name)
        if all(c.isalnum() or c in "_′" for c in name)
        else _words(name)
    )


def _words(name: str) -> str:
    r"""Write any text, whatever it says, as text; signs that only mathematics has are set as such: ``$\bar{x}$``."""
    found: list[str] = []
    for c in unicodedata.normalize("NFC", name):
        if c in _ACCENTS and found and (found[-1].isalnum() or found[-1].startswith("$\\")):
            found.append(f"${_ACCENTS[c]}{{{found.pop().strip('$')}}}$")
        elif c in _ESCAPES:
            found.append(_ESCAPES[c])
        elif unicodedata.decomposition(c).startswith(("<sub>", "<super>")):
            sign = "^" if "<super>" in unicodedata.decomposition(c) else "_"
            found.append(f"${sign}{{{_command(unicodedata.normalize('NFKC', c))}}}$")
        elif (said := _command(c).strip()).startswith("\\") and not said.startswith(r"\text"):
            found.append(f"${said}$")
        else:
            found.append(said or c)
    return r"\text{" + "".join(found) + "}"


def _figures(text: str) -> str:
    """Write numbers, products and lists in mathematics: ``1e−9`` becomes a power of ten, words stay upright."""
    text = re.sub(r"(\d)e(−?\d+)", r"\1 \\cdot 10^{\2}", text)
    text = re.sub(r"P([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"P^{{{unicodedata.normalize('NFKC', m[1])}}}", text)
    return re.sub(r"\b(norm|not finite|NaN)\b", r"\\text{\1}", text).replace(r"\text{norm}", r"\text{ norm }")


def _tidy(text: str) -> str:
    """Replace the signs that TeX has commands for, Greek letters among them."""
    return re.sub(" +", " ", "".join(map(_command, text))).strip()


def _command(sign: str) -> str:
    known = _SIGNS.get(sign)
    if known is None and "α" <= sign <= "ω":
        return "\\" + unicodedata.name(sign).rsplit(" ", 1)[1].lower() + " "
    return known or sign
