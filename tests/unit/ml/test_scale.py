import pytest

from ml.scale import scale_for


@pytest.mark.parametrize(
    ("microns", "scale"),
    [
        (None, 1),
        (0, 1),
        (0.25, 1),
        (0.23, 1),
        (0.32, 1),
        (0.5, 2),
        (0.65, 3),
        (1.0, 4),
        (0.12, 0.5),
    ],
)
def test_the_nearest_scale_is_taken_and_1_where_nothing_is_known(
    microns: float | None, scale: float
) -> None:
    assert scale_for(microns) == scale


def test_a_scale_beyond_all_is_the_last() -> None:
    assert scale_for(20) == 4
    assert scale_for(0.001) == 0.5
