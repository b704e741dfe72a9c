"""Addresses of campaigns and operations. CXone's ids may hold a slash, so a campaign's own page comes last."""

from django.urls import path

from campaigns.events import views
from campaigns.pages import head
from campaigns.pages.bulk import form_views as bulk_form_views
from campaigns.pages.bulk import views as bulk_views
from campaigns.pages.campaigns import list_views
from campaigns.pages.campaigns import views as campaign_views
from campaigns.pages.deliveries import views as delivery_views
from campaigns.pages.holidays import calendar_views, holiday_views, import_views
from campaigns.pages.operations import time_views
from campaigns.pages.operations import views as operation_views
from campaigns.pages.operations.resolve import resolve_conflict
from campaigns.pages.policy import hours_views
from campaigns.pages.policy import views as policy_views
from campaigns.pages.schedule import views as schedule_views

app_name = "campaigns"
urlpatterns = [
    path("freshness/", head.show_freshness, name="freshness"),
    path("campaigns/", list_views.show_list, name="list"),
    path("campaigns/rows/", list_views.show_rows, name="rows"),
    path("campaigns/<path:campaign_id>/live/", campaign_views.show_live, name="live"),
    path("campaigns/<path:campaign_id>/pause/", campaign_views.pause, name="pause"),
    path("campaigns/<path:campaign_id>/resume/", campaign_views.resume, name="resume"),
    path("campaigns/<path:campaign_id>/let-dial/", campaign_views.let_dial, name="let_dial"),
    path("campaigns/<path:campaign_id>/due-time/", campaign_views.show_due_time, name="due_time"),
    path("campaigns/<path:campaign_id>/schedule/", schedule_views.edit_schedule, name="schedule"),
    path("campaigns/<path:campaign_id>/schedule/check/", schedule_views.check_form, name="schedule_check"),
    path("campaigns/<path:campaign_id>/policy/", policy_views.edit_campaign, name="campaign_policy"),
    path("campaigns/<path:campaign_id>/", campaign_views.show_campaign, name="detail"),
    path("operations/", operation_views.show_list, name="operations"),
    path("operations/rows/", operation_views.show_rows, name="operation_rows"),
    path("operations/<uuid:operation_id>/", operation_views.show_operation, name="operation"),
    path("operations/<uuid:operation_id>/live/", operation_views.show_live, name="operation_live"),
    path("operations/<uuid:operation_id>/time/", time_views.edit_time, name="operation_time"),
    path("operations/<uuid:operation_id>/cancel/", operation_views.cancel, name="cancel"),
    path("operations/<uuid:operation_id>/resolve/", resolve_conflict, name="resolve"),
    path("bulk/", bulk_views.show_list, name="bulks"),
    path("bulk/rows/", bulk_views.show_rows, name="bulk_rows"),
    path("bulk/pause/", bulk_form_views.pause_many, name="bulk_pause"),
    path("bulk/resume/", bulk_form_views.resume_many, name="bulk_resume"),
    path("bulk/<uuid:bulk_id>/", bulk_views.show_bulk, name="bulk"),
    path("bulk/<uuid:bulk_id>/live/", bulk_views.show_live, name="bulk_live"),
    path("bulk/<uuid:bulk_id>/cancel/", bulk_views.cancel_bulk, name="bulk_cancel"),
    path("bulk/<uuid:bulk_id>/retry/", bulk_views.retry_bulk, name="bulk_retry"),
    path("bulk/<uuid:bulk_id>/resume/", bulk_form_views.resume_exactly, name="bulk_undo"),
    path("holidays/", calendar_views.show_calendars, name="calendars"),
    path("holidays/<int:calendar_id>/", calendar_views.show_calendar, name="calendar"),
    path("holidays/<int:calendar_id>/settings/", calendar_views.edit_calendar, name="calendar_settings"),
    path("holidays/<int:calendar_id>/guard/", calendar_views.change_guard, name="calendar_guard"),
    path("holidays/<int:calendar_id>/delete/", calendar_views.remove_calendar, name="calendar_delete"),
    path("holidays/<int:calendar_id>/campaigns/", calendar_views.choose_calendar_campaigns, name="calendar_campaigns"),
    path("holidays/<int:calendar_id>/preview/", calendar_views.show_hits, name="calendar_preview"),
    path("holidays/<int:calendar_id>/add/", holiday_views.new_holiday, name="holiday_add"),
    path("holidays/<int:calendar_id>/import/", import_views.show_import, name="holiday_import"),
    path("holidays/<int:calendar_id>/import/file/", import_views.upload_file, name="holiday_upload"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/", holiday_views.edit_holiday, name="holiday"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/delete/", holiday_views.remove_holiday, name="holiday_delete"),
    path("policy/", policy_views.show_policy, name="policy"),
    path("policy/thresholds/", policy_views.edit_thresholds, name="thresholds"),
    path("policy/reasons/new/", policy_views.new_reason, name="reason_new"),
    path("policy/reasons/<str:code>/", policy_views.edit_reason, name="reason"),
    path("policy/reasons/<str:code>/delete/", policy_views.remove_reason, name="reason_delete"),
    path("policy/hours/new/", hours_views.new_rule, name="hours_new"),
    path("policy/hours/<int:rule_id>/", hours_views.edit_rule, name="hours"),
    path("policy/hours/<int:rule_id>/default/", hours_views.set_default_rule, name="hours_default"),
    path("policy/hours/<int:rule_id>/delete/", hours_views.remove_rule, name="hours_delete"),
    path("policy/hours/<int:rule_id>/campaigns/", hours_views.choose_rule_campaigns, name="hours_campaigns"),
    path("deliveries/", delivery_views.show_list, name="deliveries"),
    path("deliveries/again/", delivery_views.send_parked_again, name="deliveries_again"),
    path("deliveries/<uuid:delivery_id>/", delivery_views.show_delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/again/", delivery_views.send_again, name="delivery_again"),
    path("webhooks/cxone/<str:token>/", views.note, name="cxone_event"),
]
