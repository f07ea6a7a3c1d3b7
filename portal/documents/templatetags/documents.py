"""Template tags of the papers."""

from django import template
from django.utils.safestring import SafeString

from portal.documents.marks import qr_svg

register = template.Library()


@register.simple_tag
def qr(text: str, title: str) -> SafeString:
    """The QR code of `text` as inline SVG with a text alternative."""
    return qr_svg(text, title)
