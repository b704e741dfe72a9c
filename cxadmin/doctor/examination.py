"""All checks, in an order in which each says what the next ones build on."""

from collections.abc import Iterator
from dataclasses import replace

from cxadmin.doctor import company, cxone, database_sessions, files, settings_in_use, storage, times, webhooks
from cxadmin.doctor.results import CheckResult
from cxadmin.logs import mask_secrets


def examine(*, send: bool) -> list[CheckResult]:
    """`send`: also sends a test notice to each receiver that has an address."""
    return [
        replace(result, found=mask_secrets(result.found), do=mask_secrets(result.do)) for result in _look(send=send)
    ]


def _look(*, send: bool) -> Iterator[CheckResult]:
    yield from settings_in_use.look_at_settings()
    unusable = settings_in_use.unusable_settings()
    database = storage.look_at_database()
    migrations = storage.look_at_migrations(database)
    # What the tables say can be asked for once they are those of this version.
    has_tables = migrations.ok
    yield database
    yield database_sessions.look_at_sessions(database)
    yield migrations
    yield storage.look_at_triggers(database, has_tables=has_tables)
    yield storage.look_at_restores(has_tables=has_tables)
    yield storage.look_at_redis(unusable)
    yield times.compare_with_database(database)
    tenant = storage.look_at_tenant(unusable, has_tables=has_tables)
    visit = cxone.visit(unusable, has_tables=has_tables)
    yield times.compare_with_cxone(visit)
    yield times.look_at_zone_data(has_tables=has_tables)
    yield tenant
    yield visit.token
    yield visit.read
    yield files.look_at_signing_key(unusable)
    yield files.look_at_checkpoint_folder(unusable)
    yield files.look_at_static_files(unusable)
    yield company.look_at_company(unusable)
    yield from webhooks.look_at_webhooks(unusable, send=send)
