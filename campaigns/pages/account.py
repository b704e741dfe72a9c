"""/account/: what each person arranges for themselves."""

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from campaigns.models import Density, Preferences, Theme
from campaigns.pages.fields import NameField
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.schedule.zones import known_zones


class AccountForm(forms.Form):
    density = forms.ChoiceField(
        choices=Density.choices, error_messages={"invalid_choice": "Choose dense or comfortable rows."}
    )
    theme = forms.ChoiceField(
        choices=Theme.choices, error_messages={"invalid_choice": "Choose light, dark, or as the system."}
    )
    time_zone = NameField(
        max_length=64,
        label="Time zone",
        required=False,
        help_text="For times that don’t belong to a campaign. Leave it empty to use your browser’s.",
        widget=forms.TextInput(attrs={"list": "zones", "placeholder": "Same as the browser", "autocomplete": "off"}),
    )
    twelve_hours = forms.BooleanField(required=False)
    desktop_notifications = forms.BooleanField(required=False)
    sound = forms.BooleanField(required=False)

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone and zone not in known_zones():
            raise forms.ValidationError(
                f"“{zone}” isn’t a time zone. Choose one, such as America/New_York, or leave it empty."
            )
        return zone


@allow_get_or_post
@never_cache
def edit_account(request: HttpRequest) -> HttpResponse:
    user_id = request.user.pk or 0
    own = Preferences.objects.filter(user=user_id).first() or Preferences(user_id=user_id)
    kept = {name: getattr(own, name) for name in AccountForm.base_fields}
    form = AccountForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_valid():
        # Only these columns: other pages write the others at the same time.
        Preferences.objects.update_or_create(user_id=user_id, defaults=form.cleaned_data)
        messages.success(request, "Saved.")
        return SeeOther(reverse("campaigns:account"))
    # Who has none signs in through the company, with its second factor.
    has_password = isinstance(request.user, User) and request.user.has_usable_password()
    context = {
        "form": form,
        "zones": sorted(known_zones()),
        "can_link": settings.OIDC_IS_ON and has_password,
        "is_linked": settings.OIDC_IS_ON and _is_linked(user_id),
    }
    return render(request, "account/account.html", context, status=422 if form.is_bound else 200)


def _is_linked(user_id: int) -> bool:
    """Whether the company's sign-in leads to this account."""
    linked: bool = SocialAccount.objects.filter(user=user_id, provider=settings.OIDC_ISSUER).exists()
    return linked
