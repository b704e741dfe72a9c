"""Patching an element gives exactly what was sent, whatever was there before; what can stay is not replaced."""

import json
import random
from html import escape
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROUNDS = 300
PATCH = """([before, after]) => {
    const host = document.getElementById("main");
    host.innerHTML = before;
    const target = host.firstElementChild;
    const held = target.querySelector("[tabindex]");
    held?.focus();
    htmx.swap(target, after, { swapStyle: "patch", swapDelay: 0, settleDelay: 0 }, { contextElement: target });
    return {
        isSame: host.isEqualNode(Object.assign(host.cloneNode(), { innerHTML: after })),
        got: host.innerHTML,
        isStillFocused: !held?.id || !document.getElementById(held.id) || document.activeElement.id === held.id,
    };
}"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page("/operations/", make_user())
    page.evaluate("document.querySelectorAll('[data-live], [data-alone]').forEach((each) => each.remove())")
    return page


def patch(page: Page, before: str, after: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(PATCH, [f"<div id=a>{before}</div>", f"<div id=a>{after}</div>"])
    return found


def make_markup(draw: random.Random, ids: list[str], depth: int = 0) -> str:
    """Text, elements alike and unlike, some with an id that no other has, one of which takes the focus."""
    parts = []
    for _ in range(draw.randrange(5)):
        tag = draw.choice(["p", "b", "div"] if depth < 3 else ["b"])
        name = f' id="{ids.pop()}"' if ids and draw.random() < 0.5 else ""
        tabindex = ' tabindex="0"' if name and draw.random() < 0.5 else ""
        words = draw.choice(["", " ", "one", "two", "one two"])
        inner = make_markup(draw, ids, depth + 1) if tag == "div" else escape(draw.choice(["", "x", "x & y"]))
        parts.append(f'{words}<{tag}{name}{tabindex} class="{draw.choice("ab")}">{inner}</{tag}>')
    return "".join(parts)


def test_result_is_what_was_sent(page: Page) -> None:
    draw = random.Random(8)
    for _ in range(ROUNDS):
        before, after = (make_markup(draw, draw.sample("qrstuvwxyz", 8)) for _ in range(2))
        found = patch(page, before, after)
        assert found["isSame"], json.dumps([before, after, found["got"]])


def test_focus_stays_wherever_its_element_moves(page: Page) -> None:
    draw = random.Random(9)
    names = list("bcdefghijk")
    for _ in range(50):
        held = draw.choice(names)
        before, after = (
            [f'<p id="{each}"{" tabindex=0" if each == held else ""}>{each}</p>' for each in draw.sample(names, 10)]
            for _ in range(2)
        )
        found = patch(page, "".join(before), "".join(after[:6]))
        assert found["isStillFocused"], json.dumps([before, after])


def test_what_comes_in_between_replaces_nothing(page: Page) -> None:
    page.evaluate("document.getElementById('main').innerHTML = '<div id=a><p>one</p> <p>two</p></div>'")
    assert page.evaluate(
        """() => {
            const kept = [...document.querySelectorAll("#a p")];
            const after = "<div id=a><p>new</p> <p>one</p> <p>two</p></div>";
            htmx.swap("#a", after, { swapStyle: "patch" }, { contextElement: kept[0] });
            const [first, ...rest] = document.querySelectorAll("#a p");
            return kept.every((each, index) => each === rest[index]);
        }"""
    )


def test_box_that_stands_for_something_else_is_not_ticked(page: Page) -> None:
    box = '<div id=a><label><input type="checkbox" id="box" value="{}"> I know</label></div>'
    page.evaluate("(markup) => { document.getElementById('main').innerHTML = markup; }", box.format("one warning"))
    page.check("#box")
    swap = "(markup) => htmx.swap('#a', markup, { swapStyle: 'patch' }, { contextElement: document.body })"
    page.evaluate(swap, box.format("one warning"))
    assert page.is_checked("#box")
    page.evaluate(swap, box.format("two warnings"))
    assert not page.is_checked("#box")
