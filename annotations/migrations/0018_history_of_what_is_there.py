from django.db import migrations

BATCH = 500


def begin_history(apps, schema_editor):
    """Tell of the masks that were there before anybody wrote down what happens to them."""
    Event, Image, Mask = (apps.get_model('annotations', name) for name in ('Event', 'Image', 'Mask'))
    told = set(Event.objects.filter(mask__isnull=False).values_list('image_id', flat=True).distinct())
    for image_id, dataset_id in Image.objects.filter(masks__isnull=False).distinct().order_by('pk').values_list('pk', 'dataset_id'):
        masks = Mask.objects.filter(image_id=image_id).order_by('updated_at', 'pk')
        if image_id in told:
            known = Event.objects.filter(image_id=image_id, mask__isnull=False)
            masks = masks.exclude(pk__in=known.values('mask'))
        count = masks.count()
        if not count:
            continue
        batch = Event.objects.create(kind='history.began', dataset_id=dataset_id, image_id=image_id, data={'count': count})
        events = []
        for mask in masks.iterator(BATCH):
            about = {'dataset_id': dataset_id, 'image_id': image_id, 'mask': mask.pk, 'batch': batch, 'at': mask.updated_at, 'actor_id': mask.updated_by_id}
            state = {
                'version': mask.version - bool(mask.deleted_at),
                'bbox': [mask.x, mask.y, mask.width, mask.height],
                'counts': mask.counts,
                'area': mask.area,
                'label_class': mask.label_class_id,
                'origin': mask.origin,
                'score': mask.score,
                'author': mask.created_by_id,
            }
            if mask.conflict_with_id:
                state['conflict_with'] = str(mask.conflict_with_id)
            events.append(Event(kind='mask.created', prediction=mask.prediction_id, data=state, **about))
            if mask.deleted_at:
                events.append(Event(kind='mask.deleted', data={'version': mask.version}, **about))
            if len(events) >= BATCH:
                Event.objects.bulk_create(events)
                events = []
        Event.objects.bulk_create(events)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0017_trash'),
    ]

    operations = [
        migrations.RunPython(begin_history, migrations.RunPython.noop),
    ]
