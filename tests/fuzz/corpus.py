"""Programs that once failed, as short as they shrank: each stands for a mistake that must not come back."""

from __future__ import annotations

from tests.fuzz.programs import Line, Program

CORPUS: dict[str, Program] = {
    # a batch whose first example took the safe branch gave every example its masks, and the others no gradient
    "each example of a batch has its own branch": Program(((),), (Line("safe_sqrt", (0,)),)),
    # the mask of a sort was asked of entries that tie, which stay in their order
    "a mask follows the order that was sorted": Program(((3,),), (Line("sorted", (0,)), Line("masked_out", (1,)))),
    # y − x of a mask of ones is 0, as if nothing were touched
    "differences touch what cancels": Program(
        ((3, 3),), (Line("diff", (0,), 1), Line("logsumexp", (1,), 4), Line("safe_sqrt", (0,)))
    ),
    "differences before a mask": Program(
        ((3,),), (Line("nested_root", (0,)), Line("diff", (1,)), Line("masked_out", (2,)))
    ),
    "differences behind a mask": Program(
        ((3,),), (Line("nested_root", (0,)), Line("masked_out", (1,)), Line("diff", (2,)))
    ),
    "differences, sorted": Program(((3,),), (Line("diff", (0,)), Line("sorted", (1,)), Line("masked_out", (2,)))),
    # a dividend of Python's own zero ended the pass with Python's ZeroDivisionError
    "an empty mean": Program(((0,),), (Line("nested_folded", (0,)),)),
    # the message of a slice was added in place to a cotangent that is a single number
    "two slices of a number": Program(((),), (Line("newaxis", (0,)), Line("newaxis", (0,)))),
    "an empty matrix": Program(((2, 0), (2, 3)), (Line("written_into", (1, 0)), Line("split", (0,), 1))),
}
