"""Print a settings module's values as JSON, the secret key's under its name.

usage: dump.py MODULE, from the project's folder.
"""

import importlib
import json
import os
import sys

sys.path.insert(1, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[1]

module = importlib.import_module(sys.argv[1])
values = {name: repr(getattr(module, name)) for name in dir(module) if name.isupper()}
if "DATABASES" in values:  # which one it is, and not how its settings are spelt
    keys = ["ENGINE", "NAME", "HOST", "PORT", "USER", "ATOMIC_REQUESTS"]
    values["DATABASES"] = repr(
        {a: [str(d.get(k) or "") for k in keys] for a, d in module.DATABASES.items()}
    )
secret = getattr(module, "SECRET_KEY", None)
if secret:
    values = {k: v.replace(repr(secret), "SECRET_KEY") for k, v in values.items()}
print(json.dumps(values))
