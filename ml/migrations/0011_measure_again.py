from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Images whose nuclei were thought large are measured again when they are next asked for:
    what counts as small has changed. Their tiles stay in the store."""
    encodings = apps.get_model("ml", "Encoding").objects
    encodings.filter(scale=1, better_scale=1, status="ready").delete()


class Migration(migrations.Migration):
    dependencies = [("ml", "0010_better_scale")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
