"""Forms about people. Nothing that was typed is lost, but for passwords; every error is a sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from campaigns.pages.fields import LineField
from cxadmin.accounts.roles import ROLES
from cxadmin.accounts.unique_names import check_new_name

ROLE_HELP = {
    "supervisor": "Pauses and resumes campaigns, and changes their hours.",
    "reviewer": "Sees everything and the whole audit, places holds, and approves what others asked for.",
    "admin": "All of that, and holidays, policy and people.",
}
ROLE_CHOICES = [(role, role.capitalize()) for role in ROLES]
LONGEST_NAME = 150
# A longer one would only cost time to digest.
LONGEST_PASSWORD = 200


class PeopleFilter(forms.Form):
    q = forms.CharField(label="Name", required=False, max_length=LONGEST_NAME)
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "All"), *ROLE_CHOICES])
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), ("enabled", "Enabled"), ("disabled", "Disabled")]
    )


class RoleField(forms.ChoiceField):
    def __init__(self) -> None:
        error = "Choose supervisor, reviewer or admin."
        super().__init__(choices=ROLE_CHOICES, error_messages={"required": error, "invalid_choice": error})


class NewPersonForm(forms.Form):
    name = LineField(
        "name",
        LONGEST_NAME,
        "Write the name with which the person signs in.",
        label="Name",
        help_text="Letters, digits and @ . + - _ are possible, and no spaces. It appears in every record.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = RoleField()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        check_new_name(name)
        return name


class RoleForm(forms.Form):
    role = RoleField()


class PasswordField(forms.CharField):
    def __init__(self, label: str, missing: str, kind: str, help_text: str = "") -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": kind})
        errors = {"required": missing, "max_length": f"At most {LONGEST_PASSWORD} characters fit."}
        super().__init__(
            label=label,
            strip=False,
            max_length=LONGEST_PASSWORD,
            widget=widget,
            help_text=help_text,
            error_messages=errors,
        )


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    new = PasswordField(
        "New password",
        "Write the new password.",
        "new-password",
        "At least 12 characters, not a common password, and not like the name. Several words are good.",
    )
    again = PasswordField("The same again", "Write the new password a second time.", "new-password")

    def __init__(self, user: User, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.user = user

    def clean_new(self) -> str:
        password: str = self.cleaned_data["new"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "new" in values and "again" in values and values["new"] != values["again"]:
            self.add_error("again", "The two passwords differ. Write the same one twice.")
        return values


class OwnPasswordForm(NewPasswordForm):
    """`is_current`: whether what was typed is the current password. `is_wrong`: it was typed, and isn't."""

    current = PasswordField("Current password", "Write your current password.", "current-password")
    field_order = ("current", "new", "again")
    is_wrong = False

    def __init__(
        self, user: User, data: Mapping[str, Any] | None = None, *, is_current: Callable[[str], bool]
    ) -> None:
        super().__init__(user, data)
        self._is_current = is_current

    def clean_current(self) -> str:
        password: str = self.cleaned_data["current"]
        if not self._is_current(password):
            self.is_wrong = True
            raise ValidationError("That isn’t your current password. Check it, also for capitals, and write it again.")
        return password
