"""What a token address grants: RFC 6749, 5.1, in every dialect."""

import math
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from campaigns.cxone.fields import Wire


def _lifetime(value: object) -> float | None:
    """Whole seconds, rounded down; None if CXone doesn't state any: RFC 6749, 5.1, only recommends that it does."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        seconds = math.floor(float(text))
    # No number, or NaN.
    except ValueError:
        return None
    # Infinite.
    except OverflowError:
        return math.inf if float(text) > 0 else None
    return seconds if seconds > 0 else None


def _token_type(value: object) -> str:
    """RFC 6749, 7.1: a token of an unknown type must not be used. One without a type is a bearer token."""
    name = value if isinstance(value, str) else ""
    if name and name.lower() != "bearer":
        # Without naming it: the field may hold anything, the token too.
        raise ValueError("the access token is of another type than Bearer")
    return "Bearer"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


class AccessToken(Wire):
    """Only characters that a header may hold: httpx quotes a header that it rejects, and the token with it."""

    model_config = ConfigDict(alias_generator=None, hide_input_in_errors=True)
    access_token: Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]+$")] = Field(repr=False)
    token_type: Annotated[str, BeforeValidator(_token_type)] = "Bearer"  # noqa: S105
    # Seconds; None: CXone doesn't say.
    expires_in: Annotated[float | None, BeforeValidator(_lifetime)] = None
    # OpenID Connect: about whom it was granted to. "" where there is none.
    id_token: Annotated[str, BeforeValidator(_plain)] = Field(default="", repr=False)
