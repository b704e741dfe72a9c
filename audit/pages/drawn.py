"""Parts of the list as HTML, drawn once for all who see the same: its rows, and the fields of its filter."""

from collections.abc import Hashable

from django.forms import BoundField
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from audit.pages.kept import Kept
from audit.pages.rows import AuditRow

# In each process: a row has 1 to 2 kB, a page has 50 of them. Records never change.
_rows: Kept[Hashable, SafeString] = Kept(3_000)
# A field has up to 6 kB.
_fields: Kept[Hashable, SafeString] = Kept(200)


def draw_listed_row(row: AuditRow, *, links_campaign: bool) -> SafeString:
    """In the current time zone. `links_campaign`: the reader may see campaigns."""
    # Times leave out the current year.
    when = timezone.get_current_timezone_name(), timezone.localtime().year

    def draw() -> SafeString:
        context = {"row": row, "links_campaign": links_campaign}
        return mark_safe(get_template("audit/_row.html").render(context))  # noqa: S308

    return _rows.get_or_make((row, links_campaign, when), draw)


def draw_field(field: BoundField) -> SafeString:
    """With its label and what is wrong with it. Its choices are always the same."""

    def draw() -> SafeString:
        return mark_safe(get_template("audit/_filter_field.html").render({"field": field}))  # noqa: S308

    return _fields.get_or_make((field.name, field.value(), tuple(field.errors)), draw)
