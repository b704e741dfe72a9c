"""What CXone can do, for pages that say what it can't."""

from typing import Any

from django.http import HttpRequest

from campaigns.dialect import cxone_can


def of_cxone(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"cxone_can": cxone_can()}
