"""Who somebody is, as far as the company's sign-in vouches for it."""

from dataclasses import dataclass

# So many characters fit into allauth's table. OpenID Connect allows 255, but providers use far fewer.
LONGEST_SUBJECT = 191


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as the provider vouches for them. `groups`: the values of the claim that roles come from; None if the
    provider left it out. `token`: to sign them out with."""

    issuer: str
    subject: str
    names: tuple[str, ...]
    groups: frozenset[str] | None
    token: str
