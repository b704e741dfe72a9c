"""Where a refusal has its words: in a header, under one of several names, or nowhere."""

from campaigns.simulator.exchange import RefusalError, Response, json_response
from campaigns.simulator.published.switches import Words

HEADER = "icStatusDescription"


def worded(refusal: RefusalError, how: Words) -> Response:
    if how == "none":
        return Response(refusal.status, headers=dict(refusal.headers))
    if how == "header":
        return Response(refusal.status, headers={**refusal.headers, HEADER: str(refusal)})
    return json_response(refusal.status, {how: str(refusal)}, refusal.headers)
