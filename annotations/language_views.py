"""Which language a person reads, and its words for the scripts of the pages."""

from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import JavaScriptCatalog

from annotations.services.preference import save_preference

YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch to the language, and stay on the page."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404("We do not speak that language.")
    if request.user.is_authenticated:
        save_preference(user=request.user, language=language)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, None)
    return remember_language(redirect(back if is_ours else "datasets"), language)


@login_not_required
@require_GET
@gzip_page
def words(request: HttpRequest, language: str, version: str) -> HttpResponseBase:
    """The catalogue as a script, kept by browsers until its words change."""
    if language not in dict(settings.LANGUAGES):
        raise Http404("We do not speak that language.")
    with translation.override(language):
        answer = JavaScriptCatalog.as_view(packages=["annotations"])(request)
    # While an update is rolled out the page may be of one edition, and this server of another.
    if version == _digest_of_words():
        patch_cache_control(answer, max_age=YEAR, immutable=True, private=True)
    else:
        patch_cache_control(answer, no_store=True)
    return answer


def words_version(request: HttpRequest) -> dict[str, str]:
    """Context processor: what tells one edition of the catalogue from the next."""
    return {"WORDS_VERSION": _digest_of_words()}


@lru_cache
def _digest_of_words() -> str:
    total = sha256()
    for folder in settings.LOCALE_PATHS:
        for path in sorted(folder.rglob("djangojs.mo")):
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


def remember_language(answer: HttpResponse, language: str) -> HttpResponse:
    """Have this browser ask for the language from now on, whoever uses it."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        samesite="Lax",
        httponly=True,
    )
    return answer
