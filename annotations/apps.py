from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """What people do: datasets, images, clicks, prompts and masks."""

    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from annotations import group_signals, security_signals  # models are known only now

        group_signals.connect()
        security_signals.connect()
