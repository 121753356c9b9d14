from django.db import migrations
from django.db.models import Count


def count(apps, schema_editor):
    """Images and nuclei; of what people did before, no day is known."""
    image, mask = apps.get_model('annotations', 'Image'), apps.get_model('annotations', 'Mask')
    states = image.objects.order_by().values('dataset_id', 'status').annotate(images=Count('pk'))
    state_count = apps.get_model('annotations', 'StateCount')
    state_count.objects.bulk_create(state_count(fresh=False, **row) for row in states)
    live = mask.objects.filter(deleted_at=None).order_by()
    rows = live.values_list('image__dataset_id', 'created_by_id', 'label_class_id', 'origin')
    nuclei_count = apps.get_model('annotations', 'NucleiCount')
    nuclei_count.objects.bulk_create(
        nuclei_count(
            fresh=False,
            dataset_id=dataset,
            author_id=author,
            label_class_id=label_class,
            origin=origin,
            nuclei=nuclei,
        )
        for dataset, author, label_class, origin, nuclei in rows.annotate(Count('pk'))
    )


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0010_counts_and_replicas'),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
