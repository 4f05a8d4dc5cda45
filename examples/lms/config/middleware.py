from ipaddress import ip_address

from django.conf import settings
from django.utils.deprecation import MiddlewareMixin


class TrustedProxyMiddleware(MiddlewareMixin):
    """Make REMOTE_ADDR the client that the outermost trusted proxy saw.

    Throttles, lockouts and logs then agree, and X-Forwarded-For, whose left part is the
    client's own claim, is gone before anything else can believe it.
    """

    def process_request(self, request):
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",")
        address = None
        if settings.TRUSTED_PROXY_COUNT:
            address = _address(forwarded[-settings.TRUSTED_PROXY_COUNT :][0].strip())
        # A server behind a Unix socket gives no address: its peer is this machine.
        remote = request.META.get("REMOTE_ADDR") or "127.0.0.1"
        request.META["REMOTE_ADDR"] = address or remote


def _address(text):
    """Return the IP address in text, which may carry a port, or None."""
    for candidate in (text, text.rpartition(":")[0]):
        try:
            return str(ip_address(candidate.strip("[]")))
        except ValueError:
            continue
    return None
