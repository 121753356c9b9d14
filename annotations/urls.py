"""The ordinary pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from annotations import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("", views.datasets, name="datasets"),
    path("workers/", views.workers, name="workers"),
    path("datasets/<int:pk>/", views.dataset, name="dataset"),
    path("datasets/<int:pk>/images/", views.images, name="dataset-images"),
    path("datasets/<int:pk>/edit/", views.edit_dataset, name="edit-dataset"),
    path("datasets/<int:pk>/delete/", views.remove_dataset, name="delete-dataset"),
    path("datasets/<int:pk>/members/", views.new_member, name="add-member"),
    path("datasets/<int:pk>/classes/", views.new_class, name="add-class"),
    path("datasets/<int:pk>/annotate/<int:image_id>/", views.annotate, name="annotate"),
    path("members/<int:pk>/", views.edit_member, name="edit-member"),
    path("members/<int:pk>/remove/", views.drop_member, name="remove-member"),
    path("classes/<int:pk>/", views.edit_class, name="edit-class"),
    path("classes/<int:pk>/delete/", views.drop_class, name="delete-class"),
    path("images/<int:pk>/delete/", views.drop_image, name="delete-image"),
]
