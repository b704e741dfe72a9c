"""One version's process of benchmarks/click_to_put.py: a click and the work on it, with its statements counted.

This file runs in an earlier version's environment, too: everything that it imports by its name is that version's.
"""

import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path


def count(campaign_ids: list[str]) -> dict[str, int]:
    """The statements until the PUT and until CONFIRMED, of the last of these campaigns: the first ones' clicks find
    nothing at hand yet, such as a token."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    return [_count_one(campaign_id) for campaign_id in campaign_ids][-1]


def _count_one(campaign_id: str) -> dict[str, int]:
    from django.contrib.auth.models import Group, User
    from django.db import connection
    from django.test import Client

    from campaigns import tasks
    from campaigns.models import Operation

    tasks.sync_campaigns()
    client = Client(HTTP_HOST="localhost")
    supervisor, _ = User.objects.get_or_create(username="supervisor")
    supervisor.groups.set(Group.objects.filter(name="supervisor"))
    client.force_login(supervisor)
    address = f"/campaigns/{campaign_id}/pause/"
    page = client.get(address).content.decode()
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    with _recorded() as so_far:
        # As at the beginning of each request, and of each task.
        connection.close_if_unusable_or_obsolete()
        assert client.post(address, form | {"reason": "MAINTENANCE", "note": ""}).status_code == 303
        operation = Operation.objects.latest("requested_at")
        asked = len(so_far()) - 1  # without the one above
        connection.close_if_unusable_or_obsolete()
        tasks.run_operation(str(operation.pk))
        done = [*so_far()[:asked], *so_far()[asked + 1 :]]
    operation.refresh_from_db()
    assert operation.state == "CONFIRMED", operation.state
    attempt = next(place for place, sql in enumerate(done) if 'INSERT INTO "campaigns_attempt"' in sql)
    put = next(place for place in range(attempt, len(done)) if "COMMIT" in done[place])
    return {"put": put + 1, "confirmed": len(done)}


def _recorded() -> AbstractContextManager[Callable[[], list[str]]]:
    """An earlier version has no tests/statements.py."""
    spec = importlib.util.spec_from_file_location("statements", Path(__file__).parents[1] / "tests" / "statements.py")
    assert spec
    assert spec.loader
    statements = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(statements)
    recorded: AbstractContextManager[Callable[[], list[str]]] = statements.recorded()
    return recorded


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1:])))
