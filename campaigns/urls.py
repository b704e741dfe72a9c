"""Addresses of campaigns and operations. CXone's ids may hold a slash, so a campaign's own page comes last."""

from django.urls import path

from campaigns.views import campaign, campaigns, deliveries, events, head, operations, schedule

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
    path("deliveries/", deliveries.show_list, name="deliveries"),
    path("deliveries/<uuid:delivery_id>/", deliveries.show_delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/again/", deliveries.send_again, name="delivery_again"),
    path("webhooks/cxone/<str:token>/", events.note, name="cxone_event"),
]
