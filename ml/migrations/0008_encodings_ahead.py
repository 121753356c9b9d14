from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ml", "0007_judgements"),
    ]

    operations = [
        migrations.AddField(
            model_name="encoding",
            name="ahead",
            field=models.BooleanField(
                default=False, editable=False, help_text="Nobody waits for it yet: it comes last."
            ),
        ),
    ]
