"""Views that the probes need and a new project doesn't have, beside its own URLs."""

from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.urls import include as urls_of
from django.urls import path

NONCES = {  # how each series writes the nonce
    "builtin": '<script nonce="{{ csp_nonce }}">1</script>',
    "django-csp": '<script nonce="{{ CSP_NONCE }}">1</script>',
}


def page(request, kind):
    html = engines["django"].from_string(NONCES[kind]).render({}, request)
    return HttpResponse(html)


def broken(request):
    raise RuntimeError("a fault with a secret: hunter2")


def address(request):
    return JsonResponse(
        {
            "address": request.META["REMOTE_ADDR"],
            "forwarded": request.META.get("HTTP_X_FORWARDED_FOR"),
            "secure": request.is_secure(),
        }
    )


def upload(request):
    sizes = [f.size for f in request.FILES.values()]
    return JsonResponse({"sizes": sizes, "fields": len(request.POST)})


urlpatterns = [
    path("probe/page/<kind>", page),
    path("probe/broken", broken),
    path("probe/address", address),
    path("probe/upload", upload),
]


def include(urlconf, api):
    urlpatterns.append(path("", urls_of(urlconf)))
    if api:
        urlpatterns.append(path("api/probe/me/", me()))


def me():
    """Return a view that says who is signed in, for an API that has none."""
    from rest_framework.decorators import api_view, permission_classes
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response

    @api_view()
    @permission_classes([IsAuthenticated])
    def view(request):
        return Response({"username": request.user.get_username()})

    return view
