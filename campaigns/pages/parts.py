"""Parts of pages that look the same to many readers: drawn once, as long as a process keeps them.

A part's key says all that it shows, so that nobody sees what only others may see. What belongs to one reader, as the
token against forged forms, is put in when the part is sent.
"""

import secrets
from collections.abc import Hashable, Mapping
from typing import Any

from django.contrib.auth.context_processors import PermWrapper
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from audit.pages.kept import Kept
from campaigns.schedule.clock_face import has_twelve_hours

# Of parts, in each process: a few kB each.
MOST_PARTS = 500
# Stands in a kept part for what each reader has another one of. Nobody can write it into what a part shows.
TOKEN = secrets.token_hex(16)

_parts: Kept[Hashable, str] = Kept(MOST_PARTS)


def audience_of(user: User | AnonymousUser) -> Hashable:
    """The same for all whose rights are the same."""
    return user.is_superuser, frozenset(user.get_all_permissions())


def draw_part(request: HttpRequest, template: str, key: Hashable, context: Mapping[str, Any]) -> SafeString:
    """`key`: whatever the context says, but for what the reader may do, and on which clock they read times."""

    def draw() -> str:
        shown = {**context, "perms": PermWrapper(request.user), "csrf_token": TOKEN}
        return get_template(template).render(shown)

    part = _parts.get_or_make((template, audience_of(request.user), has_twelve_hours(), key), draw)
    return mark_safe(part.replace(TOKEN, get_token(request)) if TOKEN in part else part)  # noqa: S308
