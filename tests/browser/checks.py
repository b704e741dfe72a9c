"""What every page must bear: axe's rules, a narrow screen, fingers. A failure names the page."""

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OF_COLOURS = ["color-contrast", "link-in-text-block"]
# For every piece of text axe parses its colours anew, ten thousand times the same dozen on a page of ours: that is a
# third of its work.
REMEMBER_COLOURS = """;(() => {
    const color = axe.commons.color.Color.prototype, parse = color.parseString, parsed = new Map();
    color.parseString = function (text) {
        if (parsed.has(text)) Object.assign(this, parsed.get(text));
        else {
            parse.call(this, text);
            parsed.set(text, {r: this.r, g: this.g, b: this.b, alpha: this.alpha});
        }
        return this;
    };
})()"""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
# The examples in fields of which only a part can be read. A value takes as much room as an example does.
CUT_EXAMPLES = """() => [...document.querySelectorAll("main input[placeholder]")].filter((field) => {
    if (!field.clientWidth || field.value) return false;
    field.value = field.placeholder;
    const isCut = field.scrollWidth > field.clientWidth;
    field.value = "";
    return isCut;
}).map(field => `${field.name}: ${field.placeholder}`)"""
TARGETS = "main :is(a, button, select, summary, label.check):visible"
TOO_SMALL = "found => found.filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"


def check_accessible(page: Page) -> None:
    """By axe's rules in light, and in dark by those that depend on the colours: nothing else is different there."""
    page.emulate_media(color_scheme="light")
    _find_nothing(page, Axe(AXE_SCRIPT + REMEMBER_COLOURS), "light")
    page.emulate_media(color_scheme="dark")
    _find_nothing(page, Axe("null"), "dark", runOnly=OF_COLOURS)  # axe is there still
    page.emulate_media(color_scheme="light")


def _find_nothing(page: Page, axe: Axe, scheme: str, **options: object) -> None:
    results = axe.run(page, options={"resultTypes": ["violations"], **options})
    assert results.violations_count == 0, f"{page.url} in {scheme}: {results.generate_report()}"


def check_width(page: Page, width: int) -> None:
    """It is as wide as the screen: nothing makes it scroll sideways."""
    # A page that takes long to be laid out has its new width a little later.
    page.wait_for_function("width => innerWidth === width", arg=width)
    assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, width)


def check_examples(page: Page) -> None:
    """What a field shows as an example, while it is empty, can be read whole."""
    assert (page.url, page.evaluate(CUT_EXAMPLES)) == (page.url, [])


def check_targets(page: Page, targets: str = TARGETS) -> None:
    """They are 44 px high, but for rounding."""
    assert (page.url, page.locator(targets).evaluate_all(TOO_SMALL)) == (page.url, [])
