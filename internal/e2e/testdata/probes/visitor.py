"""A browser, or a script, that comes through as many proxies as the answers say."""

from django.test import Client

from .cell import PASSWORD, csrf_token


class Visitor:
    """Requests carry what the outermost trusted proxy, and those behind it, would send.

    forged is what the client itself put into X-Forwarded-For.
    """

    def __init__(self, cell, address):
        self.cell, self.address = cell, address
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, data=None, **options):
        return self.request("POST", path, data=data, **options)

    def request(
        self, method, path, data=None, scheme="https", forged="", host=None, **extra
    ):
        address = extra.pop("address", self.address)
        extra |= {"HTTP_HOST": host or self.cell.host}
        hops = self.cell.proxy_hops
        if hops:
            chain = [forged] if forged else []
            chain += [address, *(f"10.0.0.{n}" for n in range(1, hops))]
            extra |= {
                "REMOTE_ADDR": f"10.0.0.{hops}",
                "HTTP_X_FORWARDED_FOR": ", ".join(chain),
                "HTTP_X_FORWARDED_PROTO": scheme,
            }
        else:
            extra["REMOTE_ADDR"] = address
            if forged:
                extra["HTTP_X_FORWARDED_FOR"] = forged
            extra["secure"] = scheme == "https"
        if method == "GET":
            return self.client.get(path, data, **extra)
        return getattr(self.client, method.lower())(path, data, **extra)

    def json(self, path, data, method="POST", **extra):
        extra["content_type"] = "application/json"
        return self.request(method, path, data=data, **extra)

    def submit(self, path, data, **extra):
        """Fill in the form at path as a browser does."""
        page = self.get(path)
        if page.status_code != 200:
            raise AssertionError(f"the form at {path} is a {page.status_code}")
        token = csrf_token(page.content.decode())
        extra = {"HTTP_ORIGIN": f"https://{self.cell.host}"} | extra
        return self.post(path, data | {"csrfmiddlewaretoken": token}, **extra)

    def admin_login(self, name, password=PASSWORD, **data):
        path = self.cell.admin + "login/"
        data = {"username": name, "password": password} | data
        return self.submit(path, data)

    def enter_admin(self, name):
        """Sign in to the admin, with the second factor where there is one."""
        data = {}
        if self.cell.admin_2fa:
            data = second_factor(name)
        answer = self.admin_login(name, **data)
        if answer.status_code != 302:
            raise AssertionError(f"the admin's login is a {answer.status_code}")


def second_factor(name):
    """Return the fields of the bootstrap token, as the README says to get it."""
    import io

    from django.core.management import call_command
    from django_otp.plugins.otp_static.models import StaticDevice

    out = io.StringIO()
    call_command("addstatictoken", name, stdout=out)
    device = StaticDevice.objects.get(user__username=name)
    return {"otp_device": device.persistent_id, "otp_token": out.getvalue().strip()}
