"""A secret is blanked in whatever spelling it comes back."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.cxone.masking import MASK, SecretMask, basic_credentials

SECRET = 'the/client+secret "é" & 100%'
Spell = Callable[[str], str]


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def with_slashes_escaped(text: str) -> str:
    return in_json(text).replace("/", "\\/")


def all_quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def all_unicode(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[index : index + 2].hex().upper()}" for index in range(0, len(units), 2))


def quoted_path(text: str) -> str:
    return quote(text, safe="")


def wrapped(text: str) -> str:
    return "\r\n".join(text[start : start + 7] for start in range(0, len(text), 7))


ONE_BY_ONE: list[Spell] = [
    str,
    in_json,
    with_slashes_escaped,
    all_quoted,
    all_unicode,
    quoted_path,
    quote_plus,
    html.escape,
    wrapped,
]
AS_A_WHOLE: list[Spell] = [
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: b64encode(text.encode()).decode(),
    lambda text: b64encode(f"ab{text}cd".encode()).decode(),
    lambda text: urlsafe_b64encode(f"a{text}c".encode()).decode(),
    lambda text: basic_credentials("client-1", text),
]
spelled = pytest.mark.parametrize("spell", ONE_BY_ONE + AS_A_WHOLE)
layers = st.lists(st.sampled_from(ONE_BY_ONE[:-1]), min_size=1, max_size=3)


@spelled
def test_secret_is_blanked(spell: Spell) -> None:
    said = SecretMask([SECRET])(f"No such client {spell(SECRET)} here.")
    assert spell(SECRET) not in said
    assert MASK in said
    assert said.startswith("No such client ")
    assert said.endswith(" here.")


@spelled
@pytest.mark.parametrize("outer", [in_json, quoted_path, lambda text: in_json(in_json(text))])
def test_secret_is_blanked_within_another_spelling(spell: Spell, outer: Spell) -> None:
    echoed = outer(spell(SECRET))
    said = SecretMask([SECRET])(f"got <{echoed}>")
    assert echoed not in said
    assert MASK in said


@given(secret=st.text(max_size=12), spells=layers, around=st.text(max_size=9))
def test_any_secret_is_blanked_in_any_mixture(secret: str, spells: list[Spell], around: str) -> None:
    secret = f"s3cr{secret.encode('utf-8', 'replace').decode()}et9k"
    echoed = secret
    for spell in spells:
        echoed = spell(echoed)
    said = SecretMask([secret])(f"{around}:{echoed}:{around}".encode("utf-8", "replace").decode())
    assert MASK in said
    assert echoed not in said


@given(st.text(max_size=200))
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    plain = text.encode("utf-8", "replace").decode()
    assert SecretMask(["a-secret-that-is-not-there"])(plain) == plain


def test_each_secret_is_blanked_wherever_it_is() -> None:
    said = SecretMask(["first-secret", "second-secret"])("a first-secret b second-secret c first-secret")
    assert said == f"a {MASK} b {MASK} c {MASK}"


def test_secret_that_is_part_of_another_leaves_no_rest() -> None:
    assert SecretMask(["abcdef", "abcdefghij"])("x abcdefghij y") == f"x {MASK} y"


@pytest.mark.parametrize("secret", ["", "s", "abc"])
def test_short_secret_garbles_no_words(secret: str) -> None:
    assert SecretMask([secret])("abc as ever") == "abc as ever"


@pytest.mark.parametrize("text", ["\\" * 60_000, "\\" * 60_000 + "u", "%25" * 20_000, "&" * 60_000, " +" * 30_000])
def test_work_grows_with_the_text_alone(text: str) -> None:
    """Within the time of a test, where work that grew with its square would take a minute."""
    assert SecretMask([SECRET])(text) == text
