"""The simulator of v2 as a WSGI application."""

from campaigns.simulator.control import ControlAPI
from campaigns.simulator.exchange import RefusalError, Request, Response
from campaigns.simulator.v2.control import CampaignControl
from campaigns.simulator.v2.oauth import require_scope
from campaigns.simulator.v2.simulation import Simulation


class Simulator(Simulation):
    """A simulated CXone that speaks v2."""

    def _make_control(self) -> ControlAPI:
        return CampaignControl(self)

    def _work(self, request: Request) -> Response:
        with self._lock:
            self._tenant.settle()
            try:
                return self._route(request)
            except RefusalError as refusal:
                return refusal.response()
            finally:
                self._store.write(self._tenant)

    def _forget(self, request: Request) -> None:
        with self._lock:
            self._tenant.forget(request.path.rpartition("/")[2])
            self._store.write(self._tenant)

    def _route(self, request: Request) -> Response:
        if request.path == "/oauth/token" and request.method == "POST":
            return self._tokens.issue(request)
        token = self._tokens.check(request)
        self._limit.count(token.client_id)
        scope, work = self._api.find(request)
        require_scope(token, scope)
        return work()
