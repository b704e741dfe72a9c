"""Connecting one's own CXone, for admins: docs/connect-your-cxone.md in short. No secret is ever typed into a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """`seen`: what pages and commands say; `ask`: what to do, or whom to ask."""

    seen: str
    meaning: str
    ask: str


TROUBLES = (
    Trouble(
        "CXone doesn’t know the app, or NICE hasn’t approved it yet",
        "CXone refuses the client id or its secret (invalid_client).",
        "Compare CXONE_CLIENT_ID and CXONE_CLIENT_SECRET with what NICE sent; ask NICE. Unset both to use the access "
        "key alone.",
    ),
    Trouble(
        "The access key is wrong or was revoked, or its user was deactivated",
        "CXone refuses the key (invalid_grant). Often its ==== was cut off.",
        "Compare both parts of the key; ask your CXone administrator whether key and employee are active.",
    ),
    Trouble(
        "CXone issued an access token but does not accept it",
        "Key and address belong to different tenants.",
        "Unset CXONE_BASE_URL and CXONE_TENANT_ID, or check the region.",
    ),
    Trouble(
        "NICE’s directory doesn’t know this tenant",
        "CXONE_TENANT_ID is wrong, or the tenant is in another cloud.",
        "Unset it, or ask your CXone administrator for it.",
    ),
    Trouble(
        "CXone has nothing at the address",
        "Another host answers, or the tenant doesn’t have this version of the API.",
        "Unset CXONE_BASE_URL; set CXONE_API_VERSION to one that the tenant has, such as v30.0.",
    ),
    Trouble(
        "CXone forbids this system to …",
        "A permission, a scope or a licence is missing, or the app wasn’t given that API.",
        "Ask your CXone administrator for what the message names; then NICE.",
    ),
    Trouble(
        "CXone could not be reached",
        "A name that doesn’t exist, a firewall, a proxy.",
        "Ask whoever runs the network whether the server may reach that host on port 443.",
    ),
)
