"""The closed list of kinds."""

import pytest

from audit.kinds import RecordKind


@pytest.mark.parametrize("kind", RecordKind)
def test_row_is_complete(kind: RecordKind) -> None:
    assert all([kind.value, kind.group, kind.label, kind.template])


def test_kind_is_found_by_its_stored_value() -> None:
    assert RecordKind("operation.asked") is RecordKind.OPERATION_ASKED
    assert f"{RecordKind.OPERATION_ASKED}" == "operation.asked"


def test_no_two_kinds_have_one_label() -> None:
    assert len({kind.label for kind in RecordKind}) == len(RecordKind)
