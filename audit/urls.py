"""Addresses under /audit/."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("<int:number>/", views.show_record, name="record"),
]
