"""What a start must find done: a migrated database, and collected static files. What is done already isn't again.

Whether it is, is looked up and never only remembered: in the database itself, and in the files themselves.
"""

import platform
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, DatabaseError, ProgrammingError, connection

from cxadmin import new_database, static_files

Migration = tuple[str, str]
# What to do if one hasn't run that others build on, and they have.
GAP = (
    "Restore the last backup (docs/running.md): later ones are applied, so nothing can be migrated. Part of a "
    "database was restored, or somebody changed the table django_migrations."
)

# With Python and its zlib they decide what is made of a static file.
COLLECTORS = ("Django", "whitenoise", "Brotli")


def migrate() -> bool:
    """Bring the database up to date. False: no migration had to run.

    Then only their signal is sent, as after each `migrate`: roles, permissions and jobs may be others in this version.
    """
    new_database.make()
    if not is_migrated():
        call_command("migrate", verbosity=0)
        return True
    emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS, apps=apps, plan=[])
    return False


def is_migrated() -> bool:
    """Whether all migrations of all apps, by the names of their files, have run on this database.

    Django looks at no more than their names either, but imports each and works out their order first.
    """
    return _migrations() <= _applied()


def lacks_migrations() -> bool:
    """The same of a running process, which knows its own migrations. Error: the database doesn't answer."""
    try:
        return not _known_migrations() <= _read_applied()
    except ProgrammingError:
        # PostgreSQL's word for a table that isn't there.
        return True


def collect_static_files() -> bool:
    """Collect them, unless those that are there were made of the same. False: they were."""
    noted, sources = settings.VAR_DIR / "static_files.digest", _digest_of_sources()
    # Bytes: what a full disk or a lost machine has left there may be anything.
    if noted.exists() and noted.read_bytes() == f"{sources} {_digest_of_collected()}".encode():
        return False
    # Should this be the last that it does, nothing says that they were collected.
    noted.unlink(missing_ok=True)
    _remove_outdated()
    call_command("collectstatic", verbosity=0, interactive=False)
    # What was read before: a file that has changed meanwhile is then found to have.
    noted.write_text(f"{sources} {_digest_of_collected()}", encoding="ascii")
    return True


def _migrations() -> set[Migration]:
    return set(chain.from_iterable(map(_migrations_of, apps.get_app_configs())))


@cache
def _known_migrations() -> frozenset[Migration]:
    """Looked for once: a new version is another process."""
    return frozenset(_migrations())


def _migrations_of(config: AppConfig) -> Iterator[Migration]:
    module = settings.MIGRATION_MODULES.get(config.label, f"{config.name}.migrations")
    package = find_spec(module) if module else None
    for _, name, is_package in iter_modules(package.submodule_search_locations if package else []):
        # What Django takes for a migration.
        if not is_package and name[0] not in "_~":
            yield config.label, name


def _applied() -> set[Migration]:
    """None on a database that is new."""
    try:
        return _read_applied()
    except DatabaseError:
        return set()


def _read_applied() -> set[Migration]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def _digest_of_sources() -> str:
    """Of the contents: times say little where files come from archives, or from other branches."""
    found = sha256(repr([platform.python_version(), *map(_version_of, COLLECTORS)]).encode())
    found.update(repr([settings.STORAGES["staticfiles"], settings.STATIC_URL, str(settings.STATIC_ROOT)]).encode())
    found.update(Path(static_files.__file__).read_bytes())
    for name, source in _sources():
        content = source.read_bytes()
        found.update(f"\n{name!r} {len(content)} ".encode())
        found.update(content)
    return found.hexdigest()


def _sources() -> Iterator[tuple[str, Path]]:
    """What there is to collect: where to, and from where. Of the same name, Django collects the first."""
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield str(Path(getattr(storage, "prefix", None) or "", name)), Path(storage.path(name))


def _remove_outdated() -> None:
    """Django keeps a collected file that is newer than its source, whatever is in it."""
    for name, source in dict(reversed([*_sources()])).items():
        collected = Path(settings.STATIC_ROOT, name)
        if collected.exists() and collected.read_bytes() != source.read_bytes():
            collected.unlink()


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _digest_of_collected() -> str:
    return sha256("\n".join(sorted(_lines_of(Path(settings.STATIC_ROOT).rglob("*")))).encode()).hexdigest()


def _lines_of(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        # Collecting again looks at their times, too.
        try:
            status = file.stat()
        # A link to nowhere, or what another start collects at this moment.
        except OSError:
            yield f"{file} can’t be read"
        else:
            yield f"{file} {status.st_size} {status.st_mtime_ns}" if file.is_file() else str(file)
