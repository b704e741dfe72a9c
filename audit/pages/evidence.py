"""Evidence files. They are chosen on the export page, beside the other kinds of files."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from audit.evidence import ranges, writing
from audit.pages.access import may_export
from audit.pages.evidence_form import RangeForm
from audit.pages.export import export_page
from audit.pages.filters import FilterForm


@require_http_methods(["GET", "HEAD", "POST"])
@may_export
@cache_control(private=True, no_store=True)
def show_evidence(request: HttpRequest) -> HttpResponseBase:
    """The file on POST, since creating one is recorded; the page where it is chosen otherwise."""
    if request.method != "POST":
        return redirect(f"{reverse('audit:export')}#evidence")
    form = RangeForm(request.POST)
    if not form.is_valid():
        return export_page(request, FilterForm({}), form)
    try:
        evidence = writing.make_file(ranges.choose_range(**form.chosen()), by=request.user.get_username())
    except ranges.CantMake as reason:
        form.add_error(None, str(reason))
        return export_page(request, FilterForm({}), form)
    return _download(request, evidence)


def _download(request: HttpRequest, evidence: writing.Evidence) -> StreamingHttpResponse:
    manifest = evidence.manifest
    # The response is the file itself, so the next page shows the messages.
    if evidence.trouble:
        messages.warning(request, f"The evidence file was made, but without a new checkpoint. {evidence.trouble}")
    if broken := manifest.first_break:
        messages.error(
            request, f"The audit is broken, and the evidence file says so: at record {broken.number}, {broken.fault}."
        )
    name = f"evidence-{manifest.first}-{manifest.last}.zip"
    return StreamingHttpResponse(
        evidence.blocks,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(evidence.size),
            "X-Content-Type-Options": "nosniff",
        },
    )
