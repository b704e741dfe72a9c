"""Commands of Django's that are replaced: an app before Django's own has the first word."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "cxadmin.accounts"
