"""A person at a browser without scripts: signs in, opens forms, sends them."""

import re
from html import unescape
from urllib.parse import urlencode

import httpx

ASKED = re.compile(r"/(?:operations|bulk)/([0-9a-f-]{36})/")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
Form = dict[str, str]


class NotAccepted(AssertionError):
    """A page didn't take what was sent: it says why."""


class Person:
    """accepted: gets the id of each operation and bulk that a page has accepted."""

    def __init__(
        self, address: str, name: str, password: str, accepted: list[str] | None = None, patience: float = 60
    ) -> None:
        self._accepted = [] if accepted is None else accepted
        self._client = httpx.Client(base_url=address, timeout=patience, trust_env=False)
        form = self._open("/accounts/login/") | {"username": name, "password": password}
        assert self._client.post("/accounts/login/", data=form).status_code == 302, "the sign-in failed"

    def open_pause(self, campaign_id: str) -> Form:
        """The form as the page holds it, with a reason chosen."""
        return self._open(f"/campaigns/{campaign_id}/pause/") | {"reason": "MAINTENANCE", "note": ""}

    def open_emergency_pause(self, campaign_id: str) -> Form:
        """However many calls are in progress."""
        return self.open_pause(campaign_id) | {"reason": "EMERGENCY", "override": "on"}

    def open_resume(self, campaign_id: str) -> Form:
        return self._open(f"/campaigns/{campaign_id}/resume/") | {"reason": "MAINTENANCE", "note": ""}

    def pause(self, campaign_id: str, form: Form | None = None) -> str:
        """Send the form; the address of the operation's page."""
        return self._ask(f"/campaigns/{campaign_id}/pause/", form or self.open_pause(campaign_id))

    def resume(self, campaign_id: str, form: Form | None = None) -> str:
        return self._ask(f"/campaigns/{campaign_id}/resume/", form or self.open_resume(campaign_id))

    def pause_many(self, campaign_ids: list[str]) -> str:
        """One form for all; the address of the bulk's page."""
        address = f"/bulk/pause/?{urlencode([('id', campaign_id) for campaign_id in campaign_ids])}"
        form = self._open(address) | {"reason": "MAINTENANCE", "note": "", "number": str(len(campaign_ids))}
        return self._ask(address, form)

    def cancel(self, operation_id: str) -> None:
        address = f"/operations/{operation_id}/"
        self._send(f"{address}cancel/", self._open(address))

    def open_bulk_pause(self, name: str, number: int) -> Form:
        """The form about all campaigns of which that is a part of the name; `number` confirms how many these are."""
        form = self._open(f"/bulk/pause/?all=1&q={name}")
        return form | {"reason": "MAINTENANCE", "note": "", "number": str(number)}

    def pause_all(self, name: str, form: Form) -> str:
        """Send that form; the address of the bulk's page."""
        return self._send(f"/bulk/pause/?all=1&q={name}", form)

    def read(self, address: str) -> str:
        """A page as it is read, without its tags."""
        page = self._client.get(address).raise_for_status().text
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())

    def fetch(self, address: str) -> str:
        """Whatever the address answers, head and body."""
        answer = self._client.get(address)
        return f"{answer.status_code} {answer.headers!r}\n{answer.text}"

    def download(self, address: str, form: Form) -> str:
        """The file that a page's form asks for."""
        answer = self._client.post(address, data=self._open(address) | form).raise_for_status()
        assert "attachment" in answer.headers["Content-Disposition"]
        return answer.content.decode("utf-8", "replace")

    @property
    def session(self) -> str:
        """The cookie of the sign-in."""
        return str(self._client.cookies["sessionid"])

    def go_to(self, address: str) -> None:
        """Another machine with the same pages, as a load balancer chooses one. The cookies come along."""
        self._client.base_url = httpx.URL(address)
        for cookie in list(self._client.cookies.jar):
            cookie.domain = self._client.base_url.host
            self._client.cookies.jar.set_cookie(cookie)

    def close(self) -> None:
        self._client.close()

    def _open(self, address: str) -> Form:
        return dict(HIDDEN.findall(self._client.get(address).raise_for_status().text))

    def _ask(self, address: str, form: Form) -> str:
        page = self._send(address, form)
        if found := ASKED.search(page):
            self._accepted.append(found[1])
        return page

    def _send(self, address: str, form: Form) -> str:
        answer = self._client.post(address, data=form)
        if answer.status_code != 303:
            raise NotAccepted(f"{address} answered {answer.status_code}: {answer.text[:2000]}")
        return answer.headers["location"]
