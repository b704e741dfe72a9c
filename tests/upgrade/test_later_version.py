"""What a later version has saved is left alone by the workers and dispatchers of this one."""

import pytest

from campaigns import dispatcher
from campaigns.operations.runner import claim, held
from tests.factories import make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_unknown_state_is_left_alone(enqueued: list[tuple[str, ...]]) -> None:
    operation = make_operation(state="LATER")
    dispatcher.dispatch_due()
    assert not any(str(operation.pk) in message for message in enqueued)
    assert claim.claim(operation.pk) is None
    assert not held.join_queue(operation.pk)
