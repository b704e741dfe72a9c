"""Answers that several views give."""

from django.http import HttpResponse, HttpResponseRedirect

from campaigns.pages.freshness import Freshness


class SeeOther(HttpResponseRedirect):
    """After a change: the browser gets another page, and a reload of it changes nothing again."""

    status_code = 303


def aged(response: HttpResponse, fresh: Freshness) -> HttpResponse:
    """Tells the page's clock how old the data is, so that what hasn't changed needn't be sent to say so."""
    response["X-Data-Age"] = "" if fresh.age_seconds is None else str(fresh.age_seconds)
    return response
