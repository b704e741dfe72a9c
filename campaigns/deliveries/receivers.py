"""Who deliveries are sent to: the WFM system, and whoever is notified of what nobody attends to."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.models import Target


@dataclass(frozen=True, slots=True)
class Receiver:
    """`label`: a heading. `name` to stand in the middle of a sentence. `prefix`: what its settings begin with."""

    target: Target
    label: str
    name: str
    prefix: str

    @property
    def url(self) -> str:
        return str(getattr(settings, self.url_setting))

    @property
    def host(self) -> str:
        """Where its notices go; "" if no address is set. The rest of an address may be secret."""
        return urlsplit(self.url).hostname or ""

    @property
    def secret(self) -> str:
        return str(getattr(settings, self.secret_setting))

    @property
    def allows_private(self) -> bool:
        return bool(getattr(settings, self.private_setting))

    @property
    def url_setting(self) -> str:
        return f"{self.prefix}_WEBHOOK_URL"

    @property
    def secret_setting(self) -> str:
        return f"{self.prefix}_WEBHOOK_SECRET"

    @property
    def private_setting(self) -> str:
        return f"{self.prefix}_ALLOW_PRIVATE"

    @property
    def begin(self) -> str:
        """`name`, to begin a sentence."""
        return self.name[:1].upper() + self.name[1:]


WFM = Receiver(Target.WFM, "WFM system", "the WFM system", "WFM")
NOTIFIED = Receiver(Target.ATTENTION, "Attention notices", "the receiver of attention notices", "NOTIFY")
RECEIVERS = {receiver.target: receiver for receiver in (WFM, NOTIFIED)}


def switched_on() -> list[Target]:
    """The targets that have an address to send to."""
    return [receiver.target for receiver in RECEIVERS.values() if receiver.url]
