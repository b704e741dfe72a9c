"""Which changes of the tables the previous version's processes can't live with."""

from collections.abc import Iterator

from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field, ManyToManyField

# What the previous version still reads or writes under its old name.
TAKEN_AWAY = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.RenameField,
    operations.AlterModelTable,
    operations.AlterUniqueTogether,
    operations.AlterOrderWithRespectTo,
)


def breaches(migration: Migration, before: ProjectState, previous: ProjectState) -> Iterator[str]:
    """Sentences. `before`: the state that the migration begins with; `previous`: the previous version's."""
    state = before.clone()
    for operation in migration.operations:
        for part in _parts(operation):
            if why := _breach(part, migration.app_label, state, previous):
                yield f"{migration.app_label}.{migration.name}: {part.describe()}: {why}"
        operation.state_forwards(migration.app_label, state)


def _parts(operation: Operation) -> list[Operation]:
    """What of it changes the database."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return list(operation.database_operations)
    return [operation]


def _breach(operation: Operation, app: str, state: ProjectState, previous: ProjectState) -> str:
    if isinstance(operation, operations.RunSQL):
        return "SQL can do anything to the previous version"
    model = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    if (app, str(model).lower()) not in previous.models:
        # The previous version knows nothing of that table.
        return ""
    if isinstance(operation, operations.AlterField):
        return _of_altered_column(state.models[app, operation.model_name_lower], operation)
    return _of_other_change(operation)


def _of_other_change(operation: Operation) -> str:
    if isinstance(operation, TAKEN_AWAY):
        return "the previous version still needs it; take it away in the next one"
    if isinstance(operation, operations.AddField):
        return _of_new_column(operation.field)
    if isinstance(operation, operations.AddConstraint):
        return "the previous version doesn't know it, and fails where it breaks it"
    return ""


def _of_new_column(field: "Field[object, object]") -> str:
    if isinstance(field, ManyToManyField) or field.null or field.has_db_default():
        return ""
    return "the previous version writes rows without it; give it a db_default, or let it be null"


def _of_altered_column(model: ModelState, operation: operations.AlterField) -> str:
    old, new = model.fields[operation.name], operation.field
    if old.null and not new.null:
        return "the previous version still writes null"
    if type(old) is not type(new):
        return "the previous version reads another type"
    if (old.max_length or 0) > (new.max_length or old.max_length or 0):
        return "the previous version still writes longer texts"
    if new.unique and not old.unique:
        return "the previous version doesn't know that it is unique"
    return ""
