"""The product's URLs, and Django's admin with a list of the audit's records."""

from django.contrib import admin
from django.urls import path

from audit.models import Record
from cxadmin.urls import urlpatterns as product


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "timestamp", "sentence", "kind", "status")
    list_filter = ("kind", "status")
    list_per_page = 50
    ordering = ("-number",)
    search_fields = ("by", "campaign_id", "campaign_name", "reason", "error", "payload_hash", "details")


urlpatterns = [path("admin/", admin.site.urls), *product]
