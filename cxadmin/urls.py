"""The URLs of the product."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns.pages import head
from cxadmin import health, metrics
from cxadmin.accounts import account_views, password_views, people_views, views
from cxadmin.accounts.company import views as company
from cxadmin.accounts.factors import views as factors

urlpatterns: list[URLPattern | URLResolver] = [
    path("", head.go_home, name="home"),
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", views.SignOut.as_view(), name="logout"),
    path("accounts/company/", company.begin_sign_in, name="company_sign_in"),
    path("accounts/company/callback/", company.come_back, name="company_callback"),
    path("accounts/company/link/", company.link_account, name="company_link"),
    path("accounts/second-factor/", factors.ask_second_factor, name="second_factor"),
    path("accounts/second-factor/set-up/", factors.set_factor_up, name="factor_set_up"),
    path("account/second-factors/", factors.show_factors, name="factors"),
    path("accounts/session/", views.show_session, name="session"),
    path("accounts/password/<str:token>/", password_views.set_password, name="password_link"),
    path("account/password/", account_views.edit_own_password, name="own_password"),
    path("account/sessions/", account_views.show_own_sessions, name="own_sessions"),
    path("account/sessions/end/", account_views.end_own_sessions, name="own_sessions_end"),
    path("people/", people_views.show_people, name="people"),
    path("people/new/", people_views.new_person, name="person_new"),
    path("people/<int:person_id>/", people_views.show_person, name="person"),
    path("people/<int:person_id>/role/", people_views.edit_role, name="person_role"),
    path("people/<int:person_id>/disable/", people_views.disable, name="person_disable"),
    path("people/<int:person_id>/enable/", people_views.enable, name="person_enable"),
    path("people/<int:person_id>/second-factor/", people_views.reset_second_factor, name="person_factor_reset"),
    path("people/<int:person_id>/link/", people_views.create_link, name="person_link"),
    path("people/<int:person_id>/link/revoke/", people_views.withdraw_link, name="person_link_revoke"),
    path("people/<int:person_id>/sessions/end/", people_views.end_persons_sessions, name="person_sessions_end"),
    path("healthz", health.show_process, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("metrics", metrics.show_metrics, name="metrics"),
    path("audit/", include("audit.urls")),
    path("", include("campaigns.urls")),
]

handler400 = "cxadmin.responses.show_bad_request"
