"""What CXone can do in the dialect of the settings, for pages and others that never speak to it themselves."""

from campaigns.cxone import connect
from campaigns.cxone.gateway import Capabilities
from campaigns.states import ACTIVE, PAUSED, plain, status_word

STOPPED = "stopped"
# How a campaign may come to run that nobody here has started.
STARTED_ELSEWHERE = (
    "changed in CXone: by its schedule, a list upload with startSkill, a Studio script or a person; CXone doesn’t tell"
)


def cxone_can() -> Capabilities:
    return connect.capabilities()


def word_of_status(status: str) -> str:
    """A status as people say it. Where CXone has no pause, nothing is known of a campaign but that it is stopped."""
    if plain(status) == PAUSED and not cxone_can().holds_pauses:
        return STOPPED
    return status_word(status)


def how_started(status: str) -> str:
    """Of a campaign that was found with that status, how it may have come to run; "" if CXone would have kept it
    paused, or if it doesn't run."""
    if plain(status) != ACTIVE or cxone_can().holds_pauses:
        return ""
    return STARTED_ELSEWHERE
