"""One exchange with the tenant's API: its address, the request, and the answer read or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote

import httpx

from campaigns.cxone.auth import Tokens
from campaigns.cxone.caller import Caller
from campaigns.cxone.channel import Channel
from campaigns.cxone.errors import CXoneError, NotFound, ServerTrouble
from campaigns.cxone.gateway import Sent
from campaigns.cxone.json_body import parse_json
from campaigns.cxone.published import refusals
from campaigns.cxone.published.address import Address
from campaigns.cxone.published.assumed import PAGE_SIZE, SKILLS
from campaigns.cxone.replies import Call, Reply, require_usable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, without the address of the tenant's API, which may have to be found first."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes = b""

    def sent(self) -> Sent:
        query = str(httpx.QueryParams(self.query))
        return Sent(sha256(self.body).hexdigest(), f"{self.method} {self.path}{'?' if query else ''}{query}")


class Exchange:
    """Requests of one gateway to version `version` of the API, below the tenant's `address`."""

    def __init__(self, channel: Channel, tokens: Tokens, address: Address, version: str) -> None:
        self.channel = channel
        self.caller = Caller(channel, tokens)
        self.judge = refusals.Judge(version)
        self._tokens = tokens
        self._address = address
        self._root = f"/incontactapi/services/{version}"

    def base(self) -> str:
        """Where the tenant's API is, without a slash at its end. It may have to be found first."""
        return self._address.base(self.channel, self._tokens)

    # --- What is asked for

    def below_version(self, path: str, query: dict[str, str]) -> Outgoing:
        return Outgoing("GET", f"{self._root}{path}", query)

    def page(self, path: str, query: dict[str, str], skip: int) -> Outgoing:
        return self.below_version(path, {**query, "top": str(PAGE_SIZE), "skip": str(skip)})

    def skill(self, method: str, campaign_id: str, rest: str = "") -> Outgoing:
        """NotFound: no skill has such an id."""
        # Each of them would be the address of something else.
        if campaign_id in {"", ".", ".."}:
            raise NotFound(f"find campaign {campaign_id!r}")
        return Outgoing(method, f"{self._root}{SKILLS}/{quote(campaign_id, safe='')}{rest}", {})

    def schedule_settings(self, method: str, campaign_id: str) -> Outgoing:
        """NotFound: as for the skill."""
        return self.skill(method, campaign_id, "/parameters/schedule-settings")

    # --- Asking

    def read(self, call: Call, outgoing: Outgoing, take: Callable[[Call, Reply], T]) -> T:
        """What `take` makes of the answer. CXoneError: CXone refuses, or can't be asked."""
        with self.channel.one_call():
            reply = self.caller.reply(call, self._request(outgoing))
            require_usable(call, reply, self.judge.refused)
            return take(call, reply)

    def read_value(self, call: Call, outgoing: Outgoing, read: Callable[[object], T]) -> T:
        """What `read` makes of the answer's JSON; its ValueError is a ServerTrouble."""
        return self.read(call, outgoing, partial(_take_value, read))

    def write(
        self,
        call: Call,
        outgoing: Outgoing,
        refused: Callable[[Call, Reply], CXoneError],
        sending: Callable[[], None] | None,
    ) -> Reply:
        """The answer, which is a success: any other is what `refused` makes of it. `sending` as of a gateway."""
        with self.channel.one_call():
            reply = self.caller.reply(call, self._request(outgoing), sending)
            if not 200 <= reply.status < 300:
                raise refused(call, reply)
        return reply

    def _request(self, outgoing: Outgoing) -> httpx.Request:
        base = self.base()
        headers = {"Content-Type": "application/json"} if outgoing.body else {}
        request = self.channel.client.build_request(
            outgoing.method,
            f"{base}{outgoing.path}",
            params=outgoing.query,
            content=outgoing.body or None,
            headers=headers,
        )
        if outgoing.method == "POST" and not outgoing.body:
            request.headers["Content-Length"] = "0"
        return request


def take_as_it_came(call: Call, reply: Reply) -> object:
    """The JSON of the answer; None for no content."""
    return None if reply.status == 204 else read_content(call, reply, lambda content: content)


def read_content(call: Call, reply: Reply, read: Callable[[object], T]) -> T:
    """What `read` makes of the answer's JSON. An answer that isn't what was asked for is CXone's trouble: of a read,
    nothing else is known."""
    try:
        content = parse_json(reply.body)
    except ValueError:
        raise _nonsense(call, reply, "it is not JSON") from None
    try:
        return read(content)
    except ValueError as error:
        raise _nonsense(call, reply, str(error)) from None


def _take_value(read: Callable[[object], T], call: Call, reply: Reply) -> T:
    return read_content(call, reply, read)


def _nonsense(call: Call, reply: Reply, cause: str) -> CXoneError:
    return ServerTrouble(call.doing, status=reply.status, cause=cause).advising(refusals.ANSWER)
