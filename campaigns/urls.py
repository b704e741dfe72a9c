"""Addresses of campaigns and operations."""

from django.urls import path

from campaigns.views import campaigns

app_name = "campaigns"
urlpatterns = [
    path("campaigns/", campaigns.show_list, name="list"),
    path("campaigns/rows/", campaigns.show_rows, name="rows"),
]
