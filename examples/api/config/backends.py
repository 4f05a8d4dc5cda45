"""Tokens of earlier signing keys: they stay good until the key is pruned."""

import jwt
from django.conf import settings
from rest_framework_simplejwt import backends
from rest_framework_simplejwt.settings import api_settings


class TokenBackend(backends.TokenBackend):
    def get_verifying_key(self, token):
        for key in getattr(settings, "JWT_SIGNING_KEY_FALLBACKS", []):
            try:
                jwt.PyJWS().decode(token, key, [self.algorithm])
            except jwt.InvalidTokenError:
                continue
            return key
        return super().get_verifying_key(token)


token_backend = TokenBackend(
    api_settings.ALGORITHM,
    api_settings.SIGNING_KEY,
    api_settings.VERIFYING_KEY,
    api_settings.AUDIENCE,
    api_settings.ISSUER,
    api_settings.JWK_URL,
    api_settings.LEEWAY,
    api_settings.JSON_ENCODER,
)
