"""What NICE's documents leave open, and only a tenant shows. Read by people on a page, and printed by check_cxone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """`question`: what isn't known; `how`: what to do, on a skill that nobody works with; `then`: what follows."""

    question: str
    how: str
    then: str


TRIALS = (
    Trial(
        "How long does a stop or a start take until CXone shows it?",
        "Pause an idle test skill here, and look at the times on the operation’s page. Resume it likewise.",
        "If it takes longer than a minute, set CONFIRM_SECONDS to twice that.",
    ),
    Trial(
        "Is a stopped skill shown as running while its last calls end?",
        "Pause a test skill with a call in progress, without dropping it, and watch the operation’s page.",
        "If it is shown as stopped at once, calls are still followed until they end; nothing needs to be set.",
    ),
    Trial(
        "Does a start end a stop that still lets calls end?",
        "Pause a test skill with a call in progress, and press Undo before the call has ended.",
        "The skill must dial on after the call, or the resume must wait for the stop and start it then. If it stays "
        "stopped, say so to supervisors: they resume a campaign only once it is shown as stopped.",
    ),
    Trial(
        "Does a stop hold against the skill’s schedule?",
        "Give a running test skill a schedule that starts in ten minutes, pause it here now, and wait.",
        "If CXone starts it again, say so to supervisors: a pause over a start time has to be repeated, and the "
        "product shows it as “came back”.",
    ),
    Trial(
        "In which time zone are the times of a schedule?",
        "Set 09:00 to 17:00 for a test skill in ACD → Skills → Schedule, and compare with its page here.",
        "If the hours or the zone differ, set CXONE_TIMEZONE to the zone in which CXone means them.",
    ),
    Trial(
        "Can a schedule be changed while the skill runs?",
        "Change the hours of a running test skill here.",
        "If CXone refuses it, supervisors have to pause the skill first.",
    ),
    Trial(
        "What does CXone answer to a stop of a skill that is stopped already?",
        "Stop a test skill in CXone, and pause it here before the list shows that.",
        "The operation must end as Skipped. If it ends otherwise, report it with the operation’s page.",
    ),
    Trial(
        "Does the number of calls mean calls with a person?",
        "During a busy hour compare the calls of three campaigns here with the supervisor’s view in CXone.",
        "If the numbers differ, adjust the limit for pauses under Policy accordingly.",
    ),
    Trial(
        "Which permissions are enough?",
        "Begin with the smallest role. Pause, resume and change the hours of a test skill.",
        "What is missing ends as Failed and names it. Add one permission at a time.",
    ),
    Trial(
        "At which rate does CXone answer “too many requests”?",
        "Don’t provoke it. Ask NICE for the limit of your app, and set CXONE_RATE_PER_MINUTE below it.",
        "If operations say that CXone has had too many requests, halve CXONE_RATE_PER_MINUTE.",
    ),
)
