"""The ordinary pages."""

from django.urls import path

from annotations import account_views, language_views, progress_views, security_views, views
from annotations.model_views import checkpoint, held_out, overview

urlpatterns = [
    path("accounts/", account_views.account, name="account"),
    path("accounts/tokens/", account_views.new_token, name="make-token"),
    path("accounts/tokens/<int:pk>/revoke/", account_views.drop_token, name="revoke-token"),
    path("accounts/sessions/<int:pk>/end/", account_views.drop_session, name="end-session"),
    path("accounts/sessions/end/", account_views.drop_other_sessions, name="end-other-sessions"),
    path("accounts/log/", security_views.own_log, name="own-log"),
    path("accounts/log.csv", security_views.own_log_csv, name="own-log-csv"),
    path("security/", security_views.log, name="security-log"),
    path("security.csv", security_views.log_csv, name="security-log-csv"),
    path("language/", language_views.choose_language, name="choose-language"),
    path("words/<slug:language>/<slug:version>.js", language_views.words, name="words"),
    path("", views.datasets, name="datasets"),
    path("workers/", views.workers, name="workers"),
    path("datasets/<int:pk>/", views.dataset, name="dataset"),
    path("datasets/<int:pk>/images/", views.images, name="dataset-images"),
    path("datasets/<int:pk>/edit/", views.edit_dataset, name="edit-dataset"),
    path("datasets/<int:pk>/delete/", views.remove_dataset, name="delete-dataset"),
    path("datasets/<int:pk>/progress/", progress_views.progress, name="progress"),
    path(
        "datasets/<int:pk>/progress/<slug:table>.csv",
        progress_views.progress_table,
        name="progress-table",
    ),
    path("datasets/<int:pk>/members/", views.new_member, name="add-member"),
    path("datasets/<int:pk>/classes/", views.new_class, name="add-class"),
    path("datasets/<int:pk>/annotate/<int:image_id>/", views.annotate, name="annotate"),
    path("members/<int:pk>/", views.edit_member, name="edit-member"),
    path("members/<int:pk>/remove/", views.drop_member, name="remove-member"),
    path("classes/<int:pk>/", views.edit_class, name="edit-class"),
    path("classes/<int:pk>/delete/", views.drop_class, name="delete-class"),
    path("images/<int:pk>/delete/", views.drop_image, name="delete-image"),
    path("datasets/<int:pk>/held-out/", held_out.held_out, name="held-out"),
    path("datasets/<int:pk>/held-out/pattern/", held_out.pattern, name="group-pattern"),
    path("models/", overview.models, name="models"),
    path("models/checkpoints/", overview.upload, name="upload-checkpoint"),
    path("models/checkpoints/<int:pk>/", checkpoint.checkpoint, name="checkpoint"),
    path("models/checkpoints/<int:pk>/activate/", checkpoint.activate, name="activate-checkpoint"),
    path("models/checkpoints/<int:pk>/delete/", checkpoint.remove, name="delete-checkpoint"),
    path("models/roll-back/", checkpoint.take_back, name="roll-back"),
    path("models/runs/", overview.train, name="start-training"),
    path("models/runs/<int:pk>/", overview.progress, name="training-progress"),
    path("models/runs/<int:pk>/cancel/", overview.cancel, name="cancel-training"),
]
