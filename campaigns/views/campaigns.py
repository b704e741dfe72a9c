"""The list of campaigns, whole and as rows that refresh themselves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.access import SEE_CAMPAIGNS, require


def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    return render(request, "campaigns/list.html")


def show_rows(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    return render(request, "campaigns/list.html")
