"""Addresses of campaigns and operations. CXone's ids may hold a slash, so a campaign's own page comes last."""

from django.urls import path

from campaigns.events import views
from campaigns.pages import account, head, tray
from campaigns.pages.approvals import views as approval_views
from campaigns.pages.attention import views as attention_views
from campaigns.pages.bulk import form_views as bulk_form_views
from campaigns.pages.bulk import stop_views
from campaigns.pages.bulk import views as bulk_views
from campaigns.pages.campaigns import desk_views, history_views, list_views
from campaigns.pages.campaigns import views as campaign_views
from campaigns.pages.deliveries import views as delivery_views
from campaigns.pages.find import views as find_views
from campaigns.pages.handover import views as handover_views
from campaigns.pages.help import views as help_views
from campaigns.pages.holds import many_views
from campaigns.pages.holds import views as hold_views
from campaigns.pages.holidays import calendar_views, holiday_views, import_views, rule_views
from campaigns.pages.operations import time_views
from campaigns.pages.operations import views as operation_views
from campaigns.pages.operations.resolve import resolve_conflict
from campaigns.pages.policy import hours_views
from campaigns.pages.policy import views as policy_views
from campaigns.pages.schedule import views as schedule_views
from campaigns.pages.timeline import views as timeline_views
from campaigns.pages.wall import board_views, link_views

app_name = "campaigns"
urlpatterns = [
    path("help/", help_views.show_help, name="help"),
    path("help/connect/", help_views.show_connecting, name="connecting"),
    path("find/", find_views.show_found, name="find"),
    path("find/keys/", find_views.show_keys, name="keys"),
    path("account/", account.edit_account, name="account"),
    path("freshness/", head.show_freshness, name="freshness"),
    path("attention/", attention_views.show_attention, name="attention"),
    path("attention/rows/", attention_views.show_findings, name="attention_rows"),
    path("attention/<int:finding_id>/take/", attention_views.take_finding, name="finding_take"),
    path("attention/<int:finding_id>/dismiss/", attention_views.dismiss_finding, name="finding_dismiss"),
    path("campaigns/", list_views.show_list, name="list"),
    path("campaigns/rows/", list_views.show_rows, name="rows"),
    path("campaigns/list.csv", desk_views.download_list, name="list_csv"),
    path("campaigns/star/", desk_views.star, name="star"),
    path("campaigns/columns/", desk_views.choose_columns, name="columns"),
    path("campaigns/views/", desk_views.save_view, name="view_save"),
    path("campaigns/views/<int:view_id>/", desk_views.change_view, name="view"),
    path("campaigns/<path:campaign_id>/live/", campaign_views.show_live, name="live"),
    path("campaigns/<path:campaign_id>/history/", history_views.show_history, name="history"),
    path("campaigns/<path:campaign_id>/panel/", campaign_views.show_campaign_panel, name="panel"),
    path("campaigns/<path:campaign_id>/pause/", campaign_views.pause, name="pause"),
    path("campaigns/<path:campaign_id>/resume/", campaign_views.resume, name="resume"),
    path("campaigns/<path:campaign_id>/hold/", hold_views.place, name="hold"),
    path("campaigns/<path:campaign_id>/hold/lift/", hold_views.lift, name="hold_lift"),
    path("campaigns/<path:campaign_id>/due-time/", campaign_views.show_due_time, name="due_time"),
    path("campaigns/<path:campaign_id>/schedule/", schedule_views.edit_schedule, name="schedule"),
    path("campaigns/<path:campaign_id>/schedule/check/", schedule_views.check_form, name="schedule_check"),
    path("campaigns/<path:campaign_id>/policy/", policy_views.edit_campaign, name="campaign_policy"),
    path("campaigns/<path:campaign_id>/", campaign_views.show_campaign, name="detail"),
    path("operations/", operation_views.show_list, name="operations"),
    path("operations/rows/", operation_views.show_rows, name="operation_rows"),
    path("operations/mine/", tray.show_tray, name="tray"),
    path("operations/mine/seen/", tray.mark_seen, name="tray_seen"),
    path("operations/<uuid:operation_id>/", operation_views.show_operation, name="operation"),
    path("operations/<uuid:operation_id>/live/", operation_views.show_live, name="operation_live"),
    path("operations/<uuid:operation_id>/time/", time_views.edit_time, name="operation_time"),
    path("operations/<uuid:operation_id>/cancel/", operation_views.cancel, name="cancel"),
    path("operations/<uuid:operation_id>/undo/", operation_views.undo_operation, name="undo"),
    path("operations/<uuid:operation_id>/resolve/", resolve_conflict, name="resolve"),
    path("operations/<uuid:operation_id>/hours-back/", schedule_views.put_hours_back, name="hours_back"),
    path("bulk/", bulk_views.show_list, name="bulks"),
    path("bulk/rows/", bulk_views.show_rows, name="bulk_rows"),
    path("bulk/pause/", bulk_form_views.pause_many, name="bulk_pause"),
    path("bulk/hold/", many_views.place_many, name="bulk_hold"),
    path("bulk/stop/", stop_views.stop_many, name="stop"),
    path("bulk/resume/", bulk_form_views.resume_many, name="bulk_resume"),
    path("bulk/<uuid:bulk_id>/", bulk_views.show_bulk, name="bulk"),
    path("bulk/<uuid:bulk_id>/live/", bulk_views.show_live, name="bulk_live"),
    path("bulk/<uuid:bulk_id>/cancel/", bulk_views.cancel_bulk, name="bulk_cancel"),
    path("bulk/<uuid:bulk_id>/retry/", bulk_views.retry_bulk, name="bulk_retry"),
    path("bulk/<uuid:bulk_id>/resume/", bulk_form_views.resume_exactly, name="bulk_undo"),
    path("approvals/", approval_views.show_approvals, name="approvals"),
    path("approvals/rows/", approval_views.show_waiting, name="approvals_rows"),
    path("approvals/<uuid:approval_id>/", approval_views.show_approval, name="approval"),
    path("approvals/<uuid:approval_id>/approve/", approval_views.give_approval, name="approve"),
    path("approvals/<uuid:approval_id>/refuse/", approval_views.refuse_request, name="refuse"),
    path("holidays/", calendar_views.show_calendars, name="calendars"),
    path("holidays/new/", calendar_views.new_calendar, name="calendar_new"),
    path("holidays/<int:calendar_id>/", calendar_views.show_calendar, name="calendar"),
    path("holidays/<int:calendar_id>/settings/", calendar_views.edit_calendar, name="calendar_settings"),
    path("holidays/<int:calendar_id>/guard/", calendar_views.change_guard, name="calendar_guard"),
    path("holidays/<int:calendar_id>/delete/", calendar_views.remove_calendar, name="calendar_delete"),
    path("holidays/<int:calendar_id>/campaigns/", calendar_views.choose_calendar_campaigns, name="calendar_campaigns"),
    path("holidays/<int:calendar_id>/rules/", rule_views.show_rules, name="calendar_rules"),
    path(
        "holidays/<int:calendar_id>/rules/<int:rule_id>/",
        rule_views.remove_assignment_rule,
        name="calendar_rule_delete",
    ),
    path("holidays/<int:calendar_id>/preview/", calendar_views.show_hits, name="calendar_preview"),
    path("holidays/<int:calendar_id>/add/", holiday_views.new_holiday, name="holiday_add"),
    path("holidays/<int:calendar_id>/import/", import_views.show_import, name="holiday_import"),
    path("holidays/<int:calendar_id>/import/file/", import_views.upload_file, name="holiday_upload"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/", holiday_views.edit_holiday, name="holiday"),
    path("holidays/<int:calendar_id>/<int:holiday_id>/delete/", holiday_views.remove_holiday, name="holiday_delete"),
    path("timeline/", timeline_views.show_timeline, name="timeline"),
    path("timeline/csv/", timeline_views.download_csv, name="timeline_csv"),
    path("policy/", policy_views.show_limits, name="policy"),
    path("policy/thresholds/", policy_views.edit_thresholds, name="thresholds"),
    path("policy/reasons/", policy_views.show_reasons, name="reasons"),
    path("policy/hours/", hours_views.show_hours_rules, name="rules"),
    path("policy/hours/presets/", hours_views.show_presets, name="presets"),
    path("policy/integrations/", policy_views.show_integrations, name="integrations"),
    path("policy/reasons/new/", policy_views.new_reason, name="reason_new"),
    path("policy/reasons/<str:code>/", policy_views.edit_reason, name="reason"),
    path("policy/reasons/<str:code>/move/", policy_views.shift_reason, name="reason_move"),
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
    path("handover/", handover_views.show_handovers, name="handovers"),
    path("handover/new/", handover_views.hand_over, name="handover_new"),
    path("handover/<int:handover_id>/", handover_views.show_handover, name="handover"),
    path("handover/<int:handover_id>/acknowledge/", handover_views.acknowledge, name="handover_acknowledge"),
    path("wall/links/", link_views.show_links, name="wall_links"),
    path("wall/links/<int:link_id>/revoke/", link_views.revoke, name="wall_revoke"),
    path("wall/<str:token>/", board_views.show_board, name="wall"),
    path("wall/<str:token>/live/", board_views.show_board_live, name="wall_live"),
    path("webhooks/cxone/<str:token>/", views.note, name="cxone_event"),
]
