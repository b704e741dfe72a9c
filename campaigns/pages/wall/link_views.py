"""The links to the wallboard, for admins: who made which, which screens are on, a new one, an end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import Refusal
from campaigns.models import WallLink
from campaigns.pages.access import MANAGE_POLICY, require
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.pages.wall.forms import WallLinkForm
from campaigns.queueing.rows import database_now
from campaigns.wall import links

HOME = "campaigns:wall_links"
# Ended links stay to be seen: who made them is worth knowing when one turns up.
MOST_LISTED = 200


@allow_get_or_post
@never_cache
def show_links(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    form = WallLinkForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            link, token = links.make_link(
                key=form.cleaned_data["key"], by=request.user.get_username(), **form.settings
            )
        except Refusal as refused:
            messages.warning(request, refused.sentence)
            return SeeOther(reverse(HOME))
        # Not a redirect: the address would have to be kept until the next page.
        address = request.build_absolute_uri(reverse("campaigns:wall", args=[token]))
        return render(request, "wall/made.html", {"link": link, "address": address})
    context = {"form": form, "links": WallLink.objects.all()[:MOST_LISTED], "now": database_now()}
    return render(request, "wall/links.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, link_id: int) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    link = get_object_or_404(WallLink, pk=link_id)
    if links.revoke_link(link, request.user.get_username()):
        messages.success(request, f"The link of {link} is revoked. Its screen goes dark within a minute.")
    else:
        messages.warning(request, f"The link of {link} was revoked before.")
    return SeeOther(reverse(HOME))
