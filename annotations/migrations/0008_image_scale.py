from django.db import migrations, models

from ml.scale import scale_for


def fill(apps, schema_editor):
    images = apps.get_model("annotations", "Image").objects.exclude(microns_per_pixel=None)
    known = images.values_list("microns_per_pixel", flat=True).distinct()
    for microns_per_pixel in list(known):
        scale = scale_for(microns_per_pixel)
        images.filter(microns_per_pixel=microns_per_pixel).update(scale=scale)


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0007_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="scale",
            field=models.FloatField(default=1.0, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
