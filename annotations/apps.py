from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """What people do: datasets, images, clicks, prompts and masks."""

    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from annotations import security_signals  # its models are known only now

        security_signals.connect()
