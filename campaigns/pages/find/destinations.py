"""The pages and actions that can be found by name, as data: each is offered to whoever has its right."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from campaigns.pages.access import (
    HOLD,
    MANAGE_DELIVERIES,
    MANAGE_HOLIDAYS,
    MANAGE_PEOPLE,
    MANAGE_POLICY,
    PAUSE,
    RESUME,
    SEE_AUDIT,
    SEE_CAMPAIGNS,
    SEE_HANDOVERS,
    SEE_OPERATIONS,
    WRITE_HANDOVERS,
)

EXPORT_AUDIT, VERIFY_AUDIT = "audit.export_record", "audit.verify_record"


@dataclass(frozen=True, slots=True)
class Findable:
    """`address` is the name of an address; `key`, what opens it after g; `words`, what else people call it. What is
    `by_post` acts at once: a form in the head does it."""

    label: str
    right: str
    address: str
    query: str = ""
    key: str = ""
    words: str = ""
    by_post: bool = False


ACTIONS = (
    Findable("Emergency stop", PAUSE, "campaigns:stop", words="halt panic kill pause all everything"),
    Findable("Pause all campaigns…", PAUSE, "campaigns:bulk_pause", "all=1", words="stop many bulk"),
    Findable("Hand over the shift", WRITE_HANDOVERS, "campaigns:handover_new", words="end note print"),
    Findable(
        "Resume all paused campaigns…", RESUME, "campaigns:bulk_resume", "all=1&status=PAUSED", words="start many"
    ),
    Findable("Sign out", SEE_CAMPAIGNS, "logout", words="log off leave", by_post=True),
)
# What a typed verb does with all campaigns of a group.
_HOLD_ALL = Findable("Hold", HOLD, "campaigns:bulk_hold")
_PAUSE_ALL = Findable("Pause", PAUSE, "campaigns:bulk_pause")
_RESUME_ALL = Findable("Resume", RESUME, "campaigns:bulk_resume")
ON_ALL = {"pause": _PAUSE_ALL, "stop": _PAUSE_ALL, "resume": _RESUME_ALL, "start": _RESUME_ALL, "hold": _HOLD_ALL}
PAGES = (
    Findable("Campaigns", SEE_CAMPAIGNS, "campaigns:list", key="c", words="list dialing"),
    Findable("Campaigns on hold", SEE_CAMPAIGNS, "campaigns:list", "hold=1", words="compliance holds lift"),
    Findable("Operations", SEE_OPERATIONS, "campaigns:operations", key="o", words="pauses resumes changes"),
    Findable("Timeline", SEE_CAMPAIGNS, "campaigns:timeline", words="replay day history calls"),
    Findable("Scheduled operations", SEE_OPERATIONS, "campaigns:operations", "when=due", words="later due planned"),
    Findable("Handovers", SEE_HANDOVERS, "campaigns:handovers", words="shift note"),
    Findable("Many at once", SEE_OPERATIONS, "campaigns:bulks", key="b", words="bulks"),
    Findable("Holidays", MANAGE_HOLIDAYS, "campaigns:calendars", key="h", words="calendars guard"),
    Findable("Policy", MANAGE_POLICY, "campaigns:policy", key="p", words="settings limits reasons calling hours law"),
    Findable("People", MANAGE_PEOPLE, "people", words="users accounts roles disable sessions password sign-in"),
    Findable("Add a person", MANAGE_PEOPLE, "person_new", words="people user account new invite"),
    Findable("Wallboard links", MANAGE_POLICY, "campaigns:wall_links", words="screen tv big display"),
    Findable("Notices to the WFM system", MANAGE_DELIVERIES, "campaigns:deliveries", words="deliveries webhook"),
    Findable("Audit", SEE_AUDIT, "audit:list", key="a", words="records history who log"),
    Findable("Audit charts", SEE_AUDIT, "audit:charts", words="figures success latency statistics"),
    Findable("Export the audit", EXPORT_AUDIT, "audit:export", words="csv json download evidence"),
    Findable(
        "Your settings", SEE_CAMPAIGNS, "campaigns:account", words="theme dark time zone rows clock sound account"
    ),
    Findable("Your password", SEE_CAMPAIGNS, "own_password", words="change account"),
    Findable("Your sessions", SEE_CAMPAIGNS, "own_sessions", words="end browsers devices account sign out"),
    Findable("Help", SEE_CAMPAIGNS, "campaigns:help", words="glossary words guide manual keys"),
    Findable(
        "Connect your CXone", MANAGE_POLICY, "campaigns:connecting", words="tenant api key nice credentials setup"
    ),
    Findable("Verify the audit", VERIFY_AUDIT, "audit:verify", key="v", words="integrity check intact"),
)


def destinations_for(user: User | AnonymousUser, among: tuple[Findable, ...]) -> list[Findable]:
    return [destination for destination in among if user.has_perm(destination.right)]


def matching(among: list[Findable], typed: str) -> list[Findable]:
    """Those of which each typed word begins a word. All of them if nothing is typed."""
    wanted = typed.casefold().split()

    def is_meant(destination: Findable) -> bool:
        words = f"{destination.label} {destination.words}".casefold().split()
        return all(any(word.startswith(each) for word in words) for each in wanted)

    return [destination for destination in among if is_meant(destination)]
