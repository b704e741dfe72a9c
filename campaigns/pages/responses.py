"""How pages respond, where several do it in the same way."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

# A page with a form: seen by GET, and by HEAD as every page; sent by POST.
allow_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    """After a change: the browser gets another page, and a reload of it changes nothing again."""

    status_code = 303


def is_from_panel(request: HttpRequest) -> bool:
    """The form is in the list's panel, which stays beside the list whatever is answered."""
    return "X-Panel" in request.headers


def after_change(request: HttpRequest, address: str, said: str = "", level: int = messages.SUCCESS) -> HttpResponse:
    """The page at `address`, which says it; to the list's panel, which reads itself again, the words alone."""
    if is_from_panel(request):
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    if said:
        messages.add_message(request, level, said)
    return SeeOther(address)
