"""Masks for property tests: holes, parts apart, single pixels, image borders."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotations.formats.instance import Instance
from ml import rle

shapes = st.tuples(st.integers(1, 16), st.integers(1, 16))
names = st.sampled_from([None, "tumour", "Lymphozyt “ß”"])


@st.composite
def images_with_masks(draw: st.DrawFn) -> tuple[tuple[int, int], list[Instance]]:
    """An image's (height, width) and any masks in it, overlapping or not."""
    shape = draw(shapes)
    masks = draw(st.lists(hnp.arrays(bool, shape).filter(np.any), max_size=4))
    return shape, [Instance(*rle.encode(mask), draw(names)) for mask in masks]


@st.composite
def images_with_disjoint_masks(draw: st.DrawFn) -> tuple[tuple[int, int], list[Instance]]:
    """The same, no pixel in two masks."""
    shape = draw(shapes)
    labels = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 5)))
    used = [label for label in range(1, 6) if (labels == label).any()]
    return shape, [Instance(*rle.encode(labels == label), draw(names)) for label in used]
