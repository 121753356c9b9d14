"""What may have to be told to a person: a code for programs, a sentence for people."""


class MlError(Exception):
    """Root of the family; `detail` says what was wrong and what to do."""

    code = "ml_error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Conflict(MlError):
    """The request contradicts what is stored, or what is going on right now."""

    code = "conflict"


class InvalidCheckpoint(MlError):
    """The file is not a checkpoint of this application."""

    code = "invalid_checkpoint"


class NoCheckpoint(MlError):
    """There is no active checkpoint to answer with."""

    code = "no_checkpoint"


class NoTrainingData(MlError):
    """There is nothing to learn from."""

    code = "no_training_data"


class BoxTooLarge(MlError):
    """A box holds more than the network sees at once."""

    code = "box_too_large"


class ImageUnreadable(MlError):
    """The rendition of an image cannot be read."""

    code = "image_unreadable"
