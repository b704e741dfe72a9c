"""Why somebody was not signed in through the company. docs/single-sign-on.md explains each to whoever sets it up."""

from typing import ClassVar


class NotSignedIn(Exception):
    """The text is for the person: what happened, and what it means. `do`: what to do about it.

    `reason` is what goes on record; nothing that came with the request is in it.
    """

    title: ClassVar[str] = "You were not signed in"
    reason: ClassVar[str]
    status: ClassVar[int] = 403

    def __init__(self, sentence: str, do: str) -> None:
        super().__init__(sentence)
        self.do = do


class CompanyUnreachable(NotSignedIn):
    """The provider can't be asked, or gives no usable answer. `detail` is for the log and the doctor."""

    title = "Your company’s sign-in can’t be reached"
    reason = "the company’s sign-in can’t be reached"
    status = 503

    def __init__(self, detail: str) -> None:
        super().__init__(
            "Your company’s sign-in service did not answer as it should, so nobody can sign in through it right now.",
            "Try again in a minute. If it stays like this, tell an admin: the log of this product says what is wrong.",
        )
        self.detail = detail


class Misconfigured(NotSignedIn):
    """A setting here, or at the provider, is wrong: the person can do nothing about it."""

    reason = "the settings of the company’s sign-in don’t fit"
    status = 502

    def __init__(self, detail: str) -> None:
        super().__init__(
            "This product and your company’s sign-in service are not set up for each other, so nobody can sign in "
            "through it.",
            f"Show an admin this sentence: {detail}",
        )
        self.detail = detail


class Stale(NotSignedIn):
    """The address of a sign-in that has ended, was used before, or began in another browser."""

    title = "This sign-in is over"
    reason = "the address of a sign-in that had ended"

    def __init__(self) -> None:
        super().__init__(
            "The address that your company’s sign-in service sent you to works once, within ten minutes, and only in "
            "the browser in which the sign-in began.",
            "Sign in again.",
        )


class Cancelled(NotSignedIn):
    title = "You cancelled the sign-in"
    reason = "cancelled at the company’s sign-in"

    def __init__(self) -> None:
        super().__init__("Your company’s sign-in service says that the sign-in was cancelled.", "Sign in again.")


class Untrusted(NotSignedIn):
    """What the provider sent isn't what it must be. `detail` is for the log."""

    reason = "an answer of the company’s sign-in that can’t be trusted"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "What your company’s sign-in service sent about you can’t be trusted, so it was not used.",
            f"Sign in again. If that doesn’t help, show an admin this sentence: {detail}",
        )
        self.detail = detail


class WrongClock(NotSignedIn):
    title = "Two clocks disagree"
    reason = "the clocks of this product and of the company’s sign-in differ"

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"The clock of this product and that of your company’s sign-in service differ: {detail}",
            "Trying again won’t help. Tell an admin: one of the two machines has the wrong time.",
        )
        self.detail = detail


class NoRole(NotSignedIn):
    title = "You have no role here"
    reason = "no role here"


class Disabled(NotSignedIn):
    title = "Your account here is disabled"
    reason = "the account is disabled"


class NameTaken(NotSignedIn):
    title = "Your name here belongs to another account"
    reason = "an account with that name exists, and isn’t linked"
