"""New migrations only add: the previous version's processes go on working with the tables while they are replaced."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.upgrade import previous
from tests.upgrade.expansion import breaches

# Looked at, and harmless: the beginning of the sentence, and why.
HARMLESS = {
    "campaigns.0041_four_eyes: Create constraint one_of_a_kind_waits_for_a_second_person": (
        "it is about operations that are PENDING, which the previous version never writes"
    ),
}


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


def found_breaches(loader: MigrationLoader) -> Iterator[str]:
    last = list(previous.last_migrations().items())
    known = {key for each in last for key in loader.graph.forwards_plan(each)}
    plan = dict.fromkeys(key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf))
    before = loader.project_state(last)
    state = before.clone()
    for key in plan:
        if key in known:
            continue
        migration = loader.graph.nodes[key]
        if migration.app_label in dict(last):
            yield from breaches(migration, state, before)
        state = migration.mutate_state(state)


def test_new_migrations_only_add(loader: MigrationLoader) -> None:
    found = [each for each in found_breaches(loader) if not each.startswith(tuple(HARMLESS))]
    assert found == []


def test_what_is_called_harmless_is_there(loader: MigrationLoader) -> None:
    found = list(found_breaches(loader))
    assert [each for each in HARMLESS if not any(breach.startswith(each) for breach in found)] == []


# --- What it finds ---


def judged(operation: migrations.operations.base.Operation) -> str:
    """In a migration that changes a model which the previous version has."""
    state = ProjectState()
    note: models.Field[Any, Any] = models.CharField(max_length=50, null=True)
    state.add_model(ModelState("campaigns", "Known", [("id", models.BigAutoField(primary_key=True)), ("note", note)]))
    migration = type("Migration", (Migration,), {"operations": [operation]})("9999_next", "campaigns")
    return " ".join(breaches(migration, state.clone(), state))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("known", "note"),
        migrations.RenameField("known", "note", "remark"),
        migrations.DeleteModel("Known"),
        migrations.RenameModel("Known", "Other"),
        migrations.AddField("known", "new", models.CharField(max_length=5, default="x")),
        migrations.AlterField("known", "note", models.CharField(max_length=50, default="")),
        migrations.AlterField("known", "note", models.CharField(max_length=40, null=True)),
        migrations.AlterField("known", "note", models.IntegerField(null=True)),
        migrations.AddConstraint("known", models.UniqueConstraint(fields=["note"], name="one")),
        migrations.RunSQL("DROP TABLE campaigns_known"),
    ],
)
def test_what_the_previous_version_cannot_live_with(operation: migrations.operations.base.Operation) -> None:
    assert judged(operation).startswith("campaigns.9999_next: ")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("known", "new", models.CharField(max_length=5, default="x", db_default="x")),
        migrations.AddField("known", "new", models.DateTimeField(null=True)),
        migrations.AlterField("known", "note", models.CharField(max_length=90, null=True)),
        migrations.AddIndex("known", models.Index(fields=["note"], name="by_note")),
    ],
)
def test_what_it_can_live_with(operation: migrations.operations.base.Operation) -> None:
    assert judged(operation) == ""
