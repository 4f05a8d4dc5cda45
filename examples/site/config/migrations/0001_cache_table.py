from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias)


class Migration(migrations.Migration):
    """Make the table of the database cache: without it every login is a 500."""

    operations = (migrations.RunPython(create_cache_table, migrations.RunPython.noop),)
