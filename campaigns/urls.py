"""Addresses of campaigns and operations. CXone's ids may hold a slash, so a campaign's own page comes last."""

from django.urls import path

from campaigns.views import (
    calendars,
    campaign,
    campaigns,
    deliveries,
    events,
    head,
    holiday_import,
    holidays,
    operations,
    schedule,
)

app_name = "campaigns"
urlpatterns = [
    path("freshness/", head.show_freshness, name="freshness"),
    path("campaigns/", campaigns.show_list, name="list"),
    path("campaigns/rows/", campaigns.show_rows, name="rows"),
    path("campaigns/<path:campaign_id>/live/", campaign.show_live, name="live"),
    path("campaigns/<path:campaign_id>/pause/", campaign.pause, name="pause"),
    path("campaigns/<path:campaign_id>/resume/", campaign.resume, name="resume"),
    path("campaigns/<path:campaign_id>/schedule/", schedule.edit, name="schedule"),
    path("campaigns/<path:campaign_id>/schedule/check/", schedule.check, name="schedule_check"),
    path("campaigns/<path:campaign_id>/", campaign.show_campaign, name="detail"),
    path("operations/", operations.show_list, name="operations"),
    path("operations/rows/", operations.show_rows, name="operation_rows"),
    path("operations/<uuid:operation_id>/", operations.show_operation, name="operation"),
    path("operations/<uuid:operation_id>/live/", operations.show_live, name="operation_live"),
    path("operations/<uuid:operation_id>/cancel/", operations.cancel, name="cancel"),
    path("operations/<uuid:operation_id>/resolve/", schedule.resolve, name="resolve"),
    path("holidays/", calendars.show_list, name="calendars"),
    path("holidays/<int:calendar_id>/", calendars.show_calendar, name="calendar"),
    path("holidays/<int:calendar_id>/settings/", calendars.change_calendar, name="calendar_settings"),
    path("holidays/<int:calendar_id>/delete/", calendars.delete_calendar, name="calendar_delete"),
    path("holidays/<int:calendar_id>/campaigns/", calendars.choose_campaigns, name="calendar_campaigns"),
    path("holidays/<int:calendar_id>/preview/", calendars.preview, name="calendar_preview"),
    path("holidays/<int:calendar_id>/add/", holidays.add, name="holiday_add"),
    path("holidays/<int:calendar_id>/import/", holiday_import.show, name="holiday_import"),
    path("holidays/<int:calendar_id>/import/file/", holiday_import.upload, name="holiday_upload"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/", holidays.change, name="holiday"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/delete/", holidays.delete, name="holiday_delete"),
    path("deliveries/", deliveries.show_list, name="deliveries"),
    path("deliveries/<uuid:delivery_id>/", deliveries.show_delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/again/", deliveries.send_again, name="delivery_again"),
    path("webhooks/cxone/<str:token>/", events.note, name="cxone_event"),
]
