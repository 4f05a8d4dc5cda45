from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class ProjectConfig(AppConfig):
    name = "config"

    def ready(self):
        # Every token looks for its backend there; no setting of Simple JWT names one.
        from rest_framework_simplejwt import state

        from .backends import token_backend

        state.token_backend = token_backend


class AdminConfig(DjangoAdminConfig):
    default_site = "config.admin.AdminSite"
