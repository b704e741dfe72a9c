"""A one-time password link, opened by its person, who isn't signed in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from campaigns.errors import Refusal
from campaigns.pages.responses import SeeOther, allow_get_or_post
from cxadmin.accounts import password_links
from cxadmin.accounts.people_forms import NewPasswordForm


@login_not_required
@sensitive_post_parameters()
@allow_get_or_post
@never_cache
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """Only sending the form uses the link: a program that looks at links ahead of people doesn't."""
    link = password_links.find_password_link(token)
    if link is None:
        return render(request, "accounts/no_link.html", status=404)
    form = NewPasswordForm(link.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            password_links.use_password_link(link, form.cleaned_data["new"])
        except Refusal:
            return render(request, "accounts/no_link.html", status=404)
        messages.success(request, f"The password of {link.user.username} is set. Sign in with it.")
        return SeeOther(reverse("login"))
    context = {"form": form, "person": link.user, "link": link}
    return render(request, "accounts/set_password.html", context, status=422 if form.is_bound else 200)
