"""Answers that several views give."""

from django.http import HttpResponse, HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """After a change: the browser gets another page, and a reload of it changes nothing again."""

    status_code = 303


def unchanged() -> HttpResponse:
    """To a refresh that would show what the page shows already."""
    return HttpResponse(status=204)
