"""The admin site: its own name."""

from django.contrib import admin


class AdminSite(admin.AdminSite):
    site_header = "Bakery administration"
    site_title = "Bakery admin"
