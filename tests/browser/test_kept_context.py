"""One test after another has its pages in the same context of Chromium, and finds nothing of those before."""

import pytest

from tests.browser.checks import NARROW
from tests.browser.chromium import EMPTY_PAGE, KeptContext
from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEEP = """async () => {
    localStorage.setItem("kept", 1);
    sessionStorage.setItem("kept", 1);
    document.cookie = "kept=1; path=/";
    window.name = "kept";
    await caches.open("kept");
    await new Promise((done) => { indexedDB.open("kept").onsuccess = done; });
}"""
KEPT = """async () => [
    localStorage.length, sessionStorage.length, document.cookie, window.name,
    (await caches.keys()).length, (await indexedDB.databases()).length,
]"""
NOTHING = [0, 0, "", "", 0, 0]


def test_nothing_stays(open_page: OpenPage, kept_context: KeptContext) -> None:
    page = open_page(EMPTY_PAGE, color_scheme="dark", viewport=NARROW)
    assert page.context is kept_context.context
    page.evaluate(KEEP)
    assert page.evaluate(KEPT) == [1, 1, "kept=1", "kept", 1, 1]
    kept_context.forget()
    assert page.is_closed()
    after = open_page(EMPTY_PAGE)
    assert after.context is kept_context.context
    assert after.evaluate(KEPT) == NOTHING
    assert after.context.cookies() == []
    assert after.evaluate("[innerWidth, innerHeight]") == [1280, 720]
    assert not after.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


@pytest.mark.parametrize(
    "options", [{"clock": True}, {"timezone_id": "Asia/Kathmandu"}, {"java_script_enabled": False}]
)
def test_what_is_set_for_a_context_has_one_of_its_own(
    open_page: OpenPage, kept_context: KeptContext, options: dict[str, object]
) -> None:
    assert open_page("/accounts/login/", **options).context is not kept_context.context


def test_second_person_has_one_of_their_own(open_page: OpenPage) -> None:
    first, second = (open_page("/account/", make_user(username=name)) for name in ("anna", "rosa"))
    assert first.context is not second.context
    first.reload()
    assert ("anna" in first.inner_text("body"), "rosa" in second.inner_text("body")) == (True, True)
