"""What each person arranges for themselves."""

import pytest
from django.test import Client

from campaigns.models import Preferences
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db
SETTINGS = {"density": "dense", "theme": "system"}


def test_settings_are_kept(supervisor: Client) -> None:
    typed = {"theme": "dark", "density": "comfortable", "desktop_notifications": "on", "sound": "on"}
    assert supervisor.post("/account/", typed)["Location"] == "/account/"
    own = Preferences.objects.get()
    assert (own.density, own.desktop_notifications, own.sound, own.twelve_hours) == ("comfortable", True, True, False)
    assert 'id="id_sound" aria-describedby="sound-help" checked' in words_of(supervisor.get("/account/"))


def test_what_other_pages_keep_stays(supervisor: Client) -> None:
    supervisor.post("/operations/mine/seen/")
    seen = Preferences.objects.get().seen_operations_at
    supervisor.post("/account/", SETTINGS)
    assert Preferences.objects.get().seen_operations_at == seen


def test_unknown_density_is_refused(supervisor: Client) -> None:
    response = supervisor.post("/account/", SETTINGS | {"density": "tiny"})
    assert response.status_code == 422
    assert "Choose dense or comfortable rows." in words_of(response)
    assert not Preferences.objects.exists()


def test_tray_follows_them(supervisor: Client) -> None:
    supervisor.post("/account/", SETTINGS | {"desktop_notifications": "on"})
    page = supervisor.get("/operations/").text
    assert "data-notifies" in page
    assert "data-sounds" not in page


def test_zone_holds_for_times_of_pages(supervisor: Client) -> None:
    supervisor.cookies["zone"] = "Europe/Berlin"
    supervisor.post("/account/", SETTINGS | {"time_zone": "Asia/Kathmandu"})
    page = supervisor.get("/account/sessions/").text
    assert 'data-zone="Asia/Kathmandu"' in page
    assert "UTC+5:45</time>" in page


def test_unknown_zone_is_refused(supervisor: Client) -> None:
    response = supervisor.post("/account/", SETTINGS | {"time_zone": "Mars/Base"})
    assert response.status_code == 422
    assert "“Mars/Base” isn’t a time zone." in words_of(response)


@pytest.mark.parametrize(
    ("theme", "html", "media"),
    [
        ("dark", '<html lang="en" data-theme="dark">', 'media="screen"'),
        ("light", '<html lang="en" data-theme="light">', None),
        ("system", '<html lang="en">', 'media="screen and (prefers-color-scheme: dark)"'),
    ],
)
def test_theme_is_in_the_page_as_it_is_sent(supervisor: Client, theme: str, html: str, media: str | None) -> None:
    supervisor.post("/account/", SETTINGS | {"theme": theme})
    page = supervisor.get("/account/").text
    assert html in page
    assert (media in page) if media else ("dark.css" not in page)
