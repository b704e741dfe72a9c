"""Answers that several views give."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """After a change: the browser gets another page, and a reload of it changes nothing again."""

    status_code = 303
