"""A client of the simulator of the published API, and the requests of its contract."""

import base64
import json
from typing import Any
from urllib.parse import quote_plus

import httpx

from campaigns.simulator import PublishedSimulator
from tests.simulator.transport import SimulatorTransport

SERVICES = "/incontactapi/services/v34.0"
KEY = {"accessKeyId": "simulator====", "accessKeySecret": "simulator-secret===="}
FORM = {"grant_type": "password", "username": KEY["accessKeyId"], "password": KEY["accessKeySecret"]}
CLIENT = ("simulator", "simulator-secret")
WEEKDAYS = dict.fromkeys(("MON", "TUE", "WED", "THU", "FRI"), ("09:00", "17:00"))


def stranger(simulator: PublishedSimulator) -> httpx.Client:
    """A client without a token."""
    return httpx.Client(
        transport=SimulatorTransport(simulator),
        base_url="https://cxone.test",
        headers={"Accept": "application/json"},
    )


def connect(simulator: PublishedSimulator) -> httpx.Client:
    """A client with a token."""
    client = stranger(simulator)
    client.headers["Authorization"] = f"Bearer {sign_in(client).json()['access_token']}"
    return client


def sign_in(client: httpx.Client, *, app: tuple[str, str] = CLIENT, **changed: str) -> httpx.Response:
    """As a registered app, with the key as user name and password."""
    basic = base64.b64encode(":".join(map(quote_plus, app)).encode()).decode()
    return client.post("/auth/token", data=FORM | changed, headers={"Authorization": f"Basic {basic}"})


def sign_in_with_key(client: httpx.Client, **changed: str) -> httpx.Response:
    return client.post("/authentication/v1/token/access-key", json=KEY | changed)


def claims(token: str) -> dict[str, Any]:
    """What an id_token says."""
    payload = token.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content


def list_skills(client: httpx.Client, **query: object) -> httpx.Response:
    params = {"mediaTypeId": 4, "isActive": "true", "top": 100, "skip": 0} | query
    return client.get(f"{SERVICES}/skills", params={name: str(value) for name, value in params.items()})


def read_skill(client: httpx.Client, skill_id: str) -> dict[str, Any]:
    content: dict[str, Any] = client.get(f"{SERVICES}/skills/{skill_id}").json()
    return content


def is_running(client: httpx.Client, skill_id: str) -> bool:
    running: bool = read_skill(client, skill_id)["isRunning"]
    return running


def start(client: httpx.Client, skill_id: str) -> httpx.Response:
    return client.post(f"{SERVICES}/skills/{skill_id}/start")


def stop(client: httpx.Client, skill_id: str, **query: str) -> httpx.Response:
    return client.post(f"{SERVICES}/skills/{skill_id}/stop", params=query)


def schedule_path(skill_id: str) -> str:
    return f"{SERVICES}/skills/{skill_id}/parameters/schedule-settings"


def read_schedule(client: httpx.Client, skill_id: str) -> dict[str, Any]:
    content: dict[str, Any] = client.get(schedule_path(skill_id)).json()
    return content


def set_schedule(client: httpx.Client, skill_id: str, fields: dict[str, Any], **changed: Any) -> httpx.Response:
    return client.put(schedule_path(skill_id), json={"scheduleSettings": fields | changed})


def read_all_schedules(client: httpx.Client, fields: str | None = "skillNo,scheduleSettings") -> httpx.Response:
    return client.get(f"{SERVICES}/skills/parameters", params={"fields": fields} if fields else {})


def read_all_calls(client: httpx.Client, **query: object) -> httpx.Response:
    params = {"mediaTypeId": 4, "IsOutbound": "true", "top": 100, "skip": 0} | query
    return client.get(f"{SERVICES}/skills/activity", params={name: str(value) for name, value in params.items()})


def read_calls(client: httpx.Client, skill_id: str) -> Any:
    (entry,) = client.get(f"{SERVICES}/skills/{skill_id}/activity").json()["skillActivity"]
    return entry["contactsActive"]
