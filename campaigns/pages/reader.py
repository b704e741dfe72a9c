"""The reader's clock: whether pages show them times with AM and PM."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from campaigns.schedule.clock_face import clock_face


class ReaderClockMiddleware:
    """Shows times of day on the clock that the reader has chosen in their settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with clock_face(lambda: wants_twelve_hours(request.user)):
            return self.get_response(request)


def wants_twelve_hours(user: User | AnonymousUser) -> bool:
    # It comes with the person: see cxadmin.accounts.rights.
    return bool(getattr(user, "twelve_hours", False))
