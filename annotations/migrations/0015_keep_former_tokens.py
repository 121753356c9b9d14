from hashlib import sha256

from django.db import migrations


def keep(apps, schema_editor):
    """Scripts go on working; what was kept readably is kept as a hash."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if "authtoken_token" not in connection.introspection.table_names(cursor):
            return
        cursor.execute("SELECT key, user_id FROM authtoken_token")
        tokens = cursor.fetchall()
        cursor.execute("DELETE FROM authtoken_token")
    rows = apps.get_model("annotations", "PersonalToken").objects
    for key, user in tokens:
        digest = sha256(key.encode()).hexdigest()
        rows.create(user_id=user, name="API token", scope="manage", digest=digest)


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0014_accounts_and_tokens"),
    ]

    operations = [
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
