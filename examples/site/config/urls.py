from django.conf import settings
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

from . import views


def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    path("healthz", healthz),
    path("", views.home, name="home"),
]
