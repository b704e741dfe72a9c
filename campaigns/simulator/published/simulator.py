"""The simulator of the published API as a WSGI application."""

from campaigns.simulator.control import ControlAPI
from campaigns.simulator.exchange import JSON, RefusalError, Request, Response, json_response
from campaigns.simulator.published.control import SkillControl
from campaigns.simulator.published.refusals import worded
from campaigns.simulator.published.services import PREFIX, UNREADABLE
from campaigns.simulator.published.simulation import PublishedSimulation

TOKEN_PATH = "/auth/token"  # noqa: S105
KEY_TOKEN_PATH = "/authentication/v1/token/access-key"  # noqa: S105


class PublishedSimulator(PublishedSimulation):
    """A simulated CXone that speaks the published API: all of its hosts at one address."""

    def _make_control(self) -> ControlAPI:
        return SkillControl(self)

    def _refuse(self, refusal: RefusalError) -> Response:
        return worded(refusal, self.switches.words)

    def _work(self, request: Request) -> Response:
        with self._lock:
            self._tenant.settle()
            try:
                return self._route(request)
            except RefusalError as refusal:
                return _rendered(request, self._refuse(refusal))
            finally:
                self._store.write()

    def _forget(self, request: Request) -> None:
        with self._lock:
            self._tenant.forget(request.path.split("/")[-2])
            self._store.write()

    def _route(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            self._tokens.check(request)
            self._count_request()
            self._limit.count("key")
            return _rendered(request, self._services.respond(request))
        if request.method == "POST" and request.path == TOKEN_PATH:
            return self._tokens.issue_for_client(request)
        if request.method == "POST" and request.path == KEY_TOKEN_PATH:
            return self._tokens.issue_for_key(request)
        if request.method == "GET" and request.path == "/.well-known/openid-configuration":
            return json_response(200, {"issuer": request.origin, "token_endpoint": request.origin + TOKEN_PATH})
        if request.method == "GET" and request.path == "/.well-known/cxone-configuration":
            if request.query.get("tenantId") != self._tenant_id:
                raise RefusalError(404, "There is no such tenant.")
            return json_response(200, {"tenantId": self._tenant_id, "api_endpoint": request.origin})
        raise RefusalError(404, f"There is nothing at {request.path}.")


def _rendered(request: Request, response: Response) -> Response:
    """To whoever doesn't ask for JSON by name, a text: what was asked for is done all the same."""
    is_json = response.headers.get("Content-Type") == JSON
    if not is_json or JSON in request.headers.get("accept", "") or not request.path.startswith(PREFIX):
        return response
    headers = {**response.headers, "Content-Type": "text/plain; charset=utf-8"}
    return Response(response.status, UNREADABLE, headers, applied=response.applied)
