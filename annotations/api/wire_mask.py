"""How masks travel: a bounding box and the COCO run lengths of its crop."""

from typing import Any

from rest_framework import serializers

from ml.rle import MAX_COUNTS_LENGTH


class BboxField(serializers.ListField):
    """[x, y, width, height] in whole image pixels."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.IntegerField(), min_length=4, max_length=4, **options)


class CountsField(serializers.CharField):
    """COCO's compressed run lengths, in which every character counts."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=MAX_COUNTS_LENGTH, **options)


class WireMaskSerializer(serializers.Serializer[Any]):
    bbox = BboxField()
    counts = CountsField()


class AnswerMaskSerializer(WireMaskSerializer):
    area = serializers.IntegerField(help_text="Foreground pixels.")


class ProposalSerializer(AnswerMaskSerializer):
    score = serializers.FloatField()
