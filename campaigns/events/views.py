"""The address for CXone's events. They are hints: the campaign is read, and nothing in an event is believed."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.dialect import cxone_can
from campaigns.events.inbound import note_event
from campaigns.events.signature import NotSigned, check_signature

# One line a minute at most (cxadmin/logs.py).
log = logging.getLogger(__name__)

# CXone's events have a few hundred bytes. A longer body isn't read, and the address needs no sign-in.
MOST_BYTES = 64 * 1024


@csrf_exempt
@login_not_required
@require_POST
def note(request: HttpRequest, token: str) -> HttpResponse:
    """404 for a wrong token and where CXone sends no events, 413 for a body that is too long, 403 for one that CXone
    hasn't signed. Otherwise 204, whatever the event says: whoever sends nonsense learns nothing from the answer."""
    if not (cxone_can().events and constant_time_compare(token, settings.CXONE_WEBHOOK_TOKEN)):
        raise Http404("There is nothing at this address.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        check_signature(body, request.headers)
    except NotSigned as error:
        log.warning(
            "An event at CXone’s webhook address was refused: %s. If CXone sent it, compare CXONE_WEBHOOK_SECRET with "
            "CXone’s secret, and this machine’s clock with the time.",
            error,
        )
        return HttpResponse(status=403)
    note_event(body=body)
    return HttpResponse(status=204)
