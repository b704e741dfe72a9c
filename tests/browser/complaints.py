"""What pages write to the browser's console as errors, refused styles and scripts included.

Some of it comes after the step that provoked it, and even after the test's last one. So a test says beforehand what it
provokes: `@pytest.mark.provokes(*REFUSED)`.
"""

from collections.abc import Iterable

from playwright.sync_api import ConsoleMessage

# Of a request that a test cuts off: the browser's words, and htmx's.
UNREACHABLE = ("net::ERR_FAILED", "htmx:afterRequest", "htmx:sendError")


def answers(status: int) -> tuple[str, str]:
    """Of an answer with that status: the browser's words, and htmx's."""
    return f"status of {status}", f"Status Error Code {status}"


REFUSED = answers(422)
# Also of a page that happens to refresh itself just after its session has ended.
SIGNED_OUT = answers(401)


class Complaints:
    def __init__(self, provoked: Iterable[str]) -> None:
        self.provoked = set(provoked)
        self.noted: list[str] = []

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.note(message.text, message.location["url"])

    def note(self, text: str, source: str = "") -> None:
        if not any(each in text for each in self.provoked):
            self.noted.append(f"{text} ({source})" if source else text)
