"""Celery tasks of sign-in, and how often the audit's own run: the audit imports nothing that could say so."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore as EarlierSessions

from campaigns.queueing.periodic import periodic, register
from cxadmin.accounts import failed_sign_ins, known_addresses, password_links
from cxadmin.accounts.session_store import SessionStore

HOUR = 3600


@shared_task
@periodic(seconds=24 * HOUR)
def delete_ended_sessions() -> None:
    SessionStore.clear_expired()
    # The previous version's, whose pages are served beside these while one replaces the other.
    EarlierSessions.clear_expired()


@shared_task
@periodic(seconds=HOUR)
def delete_ended_failures() -> None:
    failed_sign_ins.delete_ended()
    known_addresses.forget_old()


@shared_task
@periodic(seconds=24 * HOUR)
def delete_expired_links() -> None:
    password_links.delete_expired()


# Charts and search show what isn't folded yet by counting it, which must stay little.
register("audit.tasks.fold_audit", seconds=5)
# A change to the records is to be known within minutes.
register("audit.tasks.check_audit", seconds=60)
