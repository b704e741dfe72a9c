"""What a refusal of the published API means, and whom to ask for what.

It has no scopes: what a key may do is up to its user's role, and to the APIs that the app was given.
"""

import random
from dataclasses import dataclass

from campaigns.cxone import errors
from campaigns.cxone.replies import Call, Reply, Words, refusal, wait_of, words_of

# --- Assumed ---

# The permissions that the key's user needs.
PERMISSIONS = "“Skills Edit” and “Outbound Strategy Manager”"
# Seconds to wait after a 429 without Retry-After, for whom was refused, and for background reads.
LEAST_WAIT, MOST_WAIT = 2.0, 4.0
BACKGROUND_REST = 30.0

# --- End of what is assumed ---

# At times the whole explanation is one of these.
SAYS_NOTHING = {"", "invalidparameter", "bad request"}
WORDS = Words(("error_description", "errorDescription", "message", "error"), "icStatusDescription")

PERMISSION = (
    f"Nothing was changed. The access key’s user lacks a permission: CXone’s administrator should give its role "
    f"{PERMISSIONS}. If it has them, ask NICE whether the app was given this API."
)
TENANT = (
    "Nothing was changed. An admin must check that CXONE_BASE_URL, CXONE_TENANT_ID and the access key belong "
    "to the same tenant, and ask CXone’s administrator whether the key is still active."
)
SCHEDULE = (
    "Nothing was changed. CXone refused the schedule without saying why; set it there, in ACD → Skills → Schedule."
)
FIX = "Nothing was changed. Fix what CXone names, and try again."
RUNNING = (
    "Nothing was changed. CXone may not allow it while the skill runs: stop it and try again, or set it there, in "
    "ACD → Skills → Schedule."
)
BUSY = "Nothing was changed by this. The campaign’s present state shows whether it is so already."
GONE = (
    "Nothing was changed. The skill may have been deleted in CXone, or it is no Personal Connection skill; if nothing "
    "at all is found there, an admin should check CXONE_API_VERSION and CXONE_BASE_URL."
)
ANSWER = (
    "Nothing was changed. It is retried automatically; if this lasts, an admin should compare the answer with "
    "docs/cxone-published-api.md, and check CXONE_BASE_URL and what stands between here and CXone."
)


@dataclass(frozen=True, slots=True)
class Judge:
    """The errors for replies of this dialect. `version`: of the API, as in CXONE_API_VERSION."""

    version: str

    def refused(self, call: Call, reply: Reply) -> errors.CXoneError:
        return self._advised(refusal(call, reply), reply)

    def turn_refused(self, call: Call, reply: Reply) -> errors.CXoneError:
        """Of a start or a stop: 404 and 409 may mean that it is so already. Only a read tells."""
        if reply.status in {404, 409, 410}:
            return errors.Conflict(call.doing, status=reply.status, words=words_of(reply)).advising(BUSY)
        return self.refused(call, reply)

    def schedule_refused(self, call: Call, reply: Reply) -> errors.CXoneError:
        error = self.refused(call, reply)
        if isinstance(error, errors.BadRequest) and error.words.strip(" .").lower() in SAYS_NOTHING:
            return error.advising(SCHEDULE)
        return error.advising(RUNNING) if isinstance(error, errors.Conflict) else error

    def _advised(self, error: errors.CXoneError, reply: Reply) -> errors.CXoneError:
        if isinstance(error, errors.Forbidden):
            return error.advising(PERMISSION)
        if isinstance(error, errors.WrongCredentials):
            return error.advising(TENANT)
        if isinstance(error, errors.NotFound):
            return error.advising(GONE)
        if isinstance(error, errors.BadRequest):
            return error.advising(FIX)
        if isinstance(error, errors.WrongAddress):
            return error.advising(
                f"Nothing was changed. This tenant may not have version {self.version} of the API: an admin "
                "must check CXONE_API_VERSION and CXONE_BASE_URL."
            )
        if isinstance(error, errors.RateLimited) and wait_of(reply) is None:
            # So that those who were refused at once don't come back at once.
            error.wait = random.uniform(LEAST_WAIT, MOST_WAIT)  # noqa: S311
        return error
