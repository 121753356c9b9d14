import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0018_history_of_what_is_there'),
        ('ml', '0006_training_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1)),
                ('name', models.CharField(max_length=100)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name_plural': 'batches',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('mask', models.UUIDField(blank=True, null=True)),
                ('x', models.FloatField(blank=True, help_text='Image pixels from the left edge.', null=True)),
                ('y', models.FloatField(blank=True, help_text='Image pixels from the top edge.', null=True)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('assigned', 'Assigned'), ('returned', 'Returned'), ('mentioned', 'Mentioned'), ('answered', 'Answered')], max_length=12)),
                ('text', models.TextField(blank=True, help_text='What was said.')),
                ('images', models.PositiveIntegerField(default=1, help_text='How many were assigned.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(help_text='As it stands in the address.', max_length=500)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('mask', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='verdict', serialize=False, to='annotations.mask')),
                ('choice', models.CharField(choices=[('accepted', 'Accepted'), ('fixed', 'Fixed'), ('returned', 'Returned')], max_length=10)),
                ('mask_version', models.PositiveIntegerField()),
                ('at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['mask_id'],
            },
        ),
        migrations.AddField(
            model_name='dataset',
            name='blind',
            field=models.BooleanField(default=False, help_text='Only owners and admins see who drew, submitted, reviewed or said something.'),
        ),
        migrations.AddField(
            model_name='dataset',
            name='instructions',
            field=models.TextField(blank=True, help_text='In Markdown. Annotators read it beside the image.'),
        ),
        migrations.AddField(
            model_name='image',
            name='due_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='image',
            name='offered_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='image',
            name='offered_to',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='open_threads',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='labelclass',
            name='hotkey',
            field=models.CharField(blank=True, choices=[('1', '1'), ('2', '2'), ('3', '3'), ('4', '4'), ('5', '5'), ('6', '6'), ('7', '7'), ('8', '8'), ('9', '9')], help_text='The number key that chooses it; without one, the first that is free.', max_length=1),
        ),
        migrations.AddField(
            model_name='preference',
            name='email_notices',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='mask',
            name='label_class',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='masks', to='annotations.labelclass'),
        ),
        migrations.AddIndex(
            model_name='mask',
            index=models.Index(fields=['label_class', 'image'], name='mask_of_class'),
        ),
        migrations.AddConstraint(
            model_name='labelclass',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at', None), models.Q(('hotkey', ''), _negated=True)), fields=('dataset', 'hotkey'), name='class_hotkeys_differ'),
        ),
        migrations.AddField(
            model_name='batch',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='batch',
            name='dataset',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='annotations.dataset'),
        ),
        migrations.AddField(
            model_name='image',
            name='batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='images', to='annotations.batch'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['batch', 'id'], name='image_by_batch'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('due_on__isnull', False), models.Q(('status', 'accepted'), _negated=True)), fields=['dataset', 'due_on'], name='image_due'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('open_threads__gt', 0)), fields=['dataset', 'id'], name='image_with_threads'),
        ),
        migrations.AddField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='annotations.image'),
        ),
        migrations.AddField(
            model_name='comment',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='annotations.comment'),
        ),
        migrations.AddField(
            model_name='comment',
            name='resolved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='actor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='comment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.comment'),
        ),
        migrations.AddField(
            model_name='notice',
            name='dataset',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.dataset'),
        ),
        migrations.AddField(
            model_name='notice',
            name='image',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.image'),
        ),
        migrations.AddField(
            model_name='notice',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedview',
            name='dataset',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.dataset'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verdict',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verdict',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='annotations.image'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('dataset', 'name'), name='batch_names_differ'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['image', 'created_at'], name='comments_of_image'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['person', 'id'], name='notices_of_person'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['person'], name='notices_unread'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('user', 'dataset', 'name'), name='view_names_differ'),
        ),
    ]
