import os

from environs import EnvError

if os.environ.get("DJANGO_SETTINGS_MODULE") == __name__:
    raise EnvError(
        f"{__name__} is a package: servers name {__name__}.prod, developers {__name__}.dev"
    )
