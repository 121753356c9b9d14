import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def rename(before, after):
    def move(apps, schema_editor):
        for model in ('Image', 'StateCount'):
            rows = apps.get_model('annotations', model).objects
            rows.filter(status=before).update(status=after)

    return move


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0011_count_what_is_there'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='independent_review',
            field=models.BooleanField(default=True, help_text='Nobody reviews an image that they have annotated.'),
        ),
        migrations.AddField(
            model_name='dataset',
            name='review_required',
            field=models.BooleanField(default=False, help_text='A submitted image is accepted by a reviewer, not by itself.'),
        ),
        migrations.AddField(
            model_name='image',
            name='annotator',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Who submitted it last, whatever others corrected since.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Whose turn it is to annotate it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='reviewer',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Who reviews it, or did so last.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='submitted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='image',
            name='status',
            field=models.CharField(choices=[('new', 'New'), ('in_progress', 'In progress'), ('submitted', 'Submitted'), ('in_review', 'In review'), ('returned', 'Returned'), ('accepted', 'Accepted')], default='new', max_length=12),
        ),
        migrations.AlterField(
            model_name='statecount',
            name='status',
            field=models.CharField(choices=[('new', 'New'), ('in_progress', 'In progress'), ('submitted', 'Submitted'), ('in_review', 'In review'), ('returned', 'Returned'), ('accepted', 'Accepted')], max_length=12),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['dataset', 'assignee', 'id'], name='image_by_assignee'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['dataset', 'reviewer', 'id'], name='image_by_reviewer'),
        ),
        migrations.RunPython(rename('done', 'accepted'), rename('accepted', 'done')),
    ]
