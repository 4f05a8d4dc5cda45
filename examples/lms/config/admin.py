"""The admin site: a second factor, a brake on guessing, its own name."""

from django.utils.decorators import method_decorator
from django_otp.admin import OTPAdminSite
from django_ratelimit.decorators import ratelimit


@method_decorator(ratelimit(key="ip", rate="10/m", method="POST"), name="login")
class AdminSite(OTPAdminSite):
    site_header = "LMS administration"
    site_title = "LMS admin"

    def __init__(self, name="admin"):  # keep reverse("admin:...") working
        super().__init__(name)
