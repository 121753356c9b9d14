"""Pages speak the language that a person chose, on any machine; scripts have the same words."""

from typing import Any

from django.test import Client

from annotations.services.preference import preference_of
from tests.factories import PASSWORD

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}


def page(client: Client, path: str = "/accounts/login/", **extra: Any) -> str:
    return client.get(path, follow=True, **extra).content.decode()


def choose(client: Client, language: str, back: str = "/") -> Any:
    return client.post("/language/", {"language": language, "next": back})


def test_the_browser_s_language_is_spoken_until_another_is_chosen(db: None) -> None:
    client = Client()
    assert '<html lang="en" dir="ltr">' in page(client)
    assert '<html lang="de" dir="ltr">' in page(client, **GERMAN)
    assert '<html lang="en" dir="ltr">' in page(client, HTTP_ACCEPT_LANGUAGE="tlh")
    choose(client, "en")
    assert '<html lang="en" dir="ltr">' in page(client, **GERMAN)


def test_the_choice_is_kept_with_the_account(team: Any) -> None:
    first, second = Client(), Client()
    first.force_login(team["viewer"])
    answer = choose(first, "de", back="/?page=2")
    assert answer["Location"] == "/?page=2"
    assert preference_of(user=team["viewer"]).language == "de"
    second.post("/accounts/login/", {"login": "viewer", "password": PASSWORD})
    assert '<html lang="de"' in page(second, "/")


def test_the_way_back_stays_on_this_site(db: None) -> None:
    assert choose(Client(), "de", back="https://elsewhere.example/")["Location"] == "/"


def test_a_language_that_nobody_speaks_is_refused(db: None) -> None:
    assert choose(Client(), "tlh").status_code == 404
    assert Client().get("/words/tlh/0.js").status_code == 404


def test_every_page_names_the_words_of_its_language(db: None) -> None:
    html = page(Client(), **GERMAN)
    [path] = {part for part in html.split('"') if part.startswith("/words/")}
    assert path.startswith("/words/de/")
    script = Client().get(path)
    assert script["Content-Type"].startswith("text/javascript")
    assert "immutable" in script["Cache-Control"]
    assert "django.gettext" in script.content.decode()


def test_words_are_not_kept_under_the_name_of_another_edition(db: None) -> None:
    script = Client().get("/words/de/0123456789ab.js")
    assert script.status_code == 200
    assert script["Cache-Control"] == "no-store"


def test_a_language_from_right_to_left_turns_the_pages_around(db: None, settings: Any) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
    assert '<html lang="ar" dir="rtl">' in page(Client(), HTTP_ACCEPT_LANGUAGE="ar")
