from django.contrib.auth.signals import user_logged_in
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework_simplejwt import serializers, views


class TokenObtainPairSerializer(serializers.TokenObtainPairSerializer):
    def validate(self, attrs):
        tokens = super().validate(attrs)
        # Simple JWT doesn't send it, and axes would never forget the failures before.
        user_logged_in.send(
            self.user.__class__, request=self.context["request"], user=self.user
        )
        return tokens


@method_decorator(never_cache, name="dispatch")
class TokenObtainPairView(views.TokenObtainPairView):
    serializer_class = TokenObtainPairSerializer
    throttle_scope = "login"


@method_decorator(never_cache, name="dispatch")
class TokenRefreshView(views.TokenRefreshView):
    throttle_scope = "refresh"


@api_view()
def me(request):
    return Response({"username": request.user.get_username()})
