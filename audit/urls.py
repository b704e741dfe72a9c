"""The audit's pages, under /audit/."""

from django.urls import path

from audit.pages import evidence, export, records, verify
from audit.pages.charts import views

app_name = "audit"
urlpatterns = [
    path("", records.list_records, name="list"),
    path("campaigns/", records.suggest_campaigns, name="campaign_names"),
    path("export/", export.show_export, name="export"),
    path("evidence/", evidence.show_evidence, name="evidence"),
    path("charts/", views.show_charts, name="charts"),
    path("charts/figures.csv", views.send_figures, name="figures"),
    path("verify/", verify.show_verification, name="verify"),
    path("verify/progress/", verify.show_progress, name="verify_progress"),
    path("<int:number>/", records.show_record, name="record"),
    path("<int:number>/panel/", records.show_panel, name="panel"),
    path("<int:number>/body", records.send_body, name="body"),
]
