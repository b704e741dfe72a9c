"""How pages respond, where several do it in the same way."""

from django.http import HttpResponseRedirect
from django.views.decorators.http import require_http_methods

# A page with a form: seen by GET, and by HEAD as every page; sent by POST.
allow_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    """After a change: the browser gets another page, and a reload of it changes nothing again."""

    status_code = 303
