from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """What people do: datasets, images, clicks, prompts and masks."""

    name = "annotations"
    verbose_name = "Annotations"
