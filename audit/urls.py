"""Addresses under /audit/."""

from django.urls import path

from audit.views import records

app_name = "audit"
urlpatterns = [
    path("", records.show_list, name="list"),
    path("<int:number>/", records.show_record, name="record"),
]
