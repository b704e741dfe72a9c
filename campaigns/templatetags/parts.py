"""Parts of pages that are drawn once for all who see the same."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from campaigns.pages.parts import draw_part

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: Context, template_name: str, **shown: object) -> SafeString:
    """A template that shows only `shown`, which can be hashed, and what its reader may do."""
    return draw_part(context["request"], template_name, tuple(shown.items()), shown)
