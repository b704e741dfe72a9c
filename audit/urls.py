"""Addresses under /audit/."""

from django.urls import path

from audit.views import export, records

app_name = "audit"
urlpatterns = [
    path("", records.show_list, name="list"),
    path("export/", export.show_export, name="export"),
    path("<int:number>/", records.show_record, name="record"),
]
