"""One history of a campaign, for everybody who may see it: what people did, what CXone did, what was found."""

from campaigns.history.entries import HistoryEntry, HistoryKind, HistoryPage
from campaigns.history.reading import history_of

__all__ = ["HistoryEntry", "HistoryKind", "HistoryPage", "history_of"]
