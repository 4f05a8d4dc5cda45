"""The admin site: its own name."""

from django.contrib import admin


class AdminSite(admin.AdminSite):
    site_header = "Orders administration"
    site_title = "Orders admin"
