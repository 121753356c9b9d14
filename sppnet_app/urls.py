"""Every URL: the pages, the API, the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("annotations.urls")),
    path("api/", include("annotations.api.urls")),
    path("admin/", admin.site.urls),
]
