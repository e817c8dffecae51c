"""One headless Chromium for all tests of this folder; BROWSER_REQUIRED=1 makes its absence a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SWITCHES = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


def absent(what: str) -> None:
    """Skip with a plain reason, or fail where the browser tests must run."""
    if os.environ.get("BROWSER_REQUIRED"):
        pytest.fail(f"BROWSER_REQUIRED is set, but there is no {what}")
    pytest.skip(f"no {what}: apt install chromium, pip install '.[browser]'")


@pytest.fixture(scope="module")  # not longer: its event loop would stand in the way of other tests
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright  # optional: the extra `browser`
    except ImportError:
        absent("playwright")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        absent("Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a page's text as a file; the test fails if the page asks the network or complains."""
    contexts, complaints = [], []

    def open_(text: str, fragment: str = "", **settings: Any) -> Any:
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **settings)
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda r: None if r.url.split("#")[0] == path.as_uri() else complaints.append(r.url))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
