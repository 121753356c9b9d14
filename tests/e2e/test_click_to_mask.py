"""The whole product in one sitting: click a nucleus, fix its mask, keep it, take it away."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from tests.e2e.annotation_page import open_demo_image
from tests.e2e.nuclei import changed_pixels, clear_nucleus, deepest_point, iou, labels_of

IMAGE = "fluorescence_3"


def test_a_clicked_nucleus_becomes_a_mask_that_is_fixed_kept_and_exported(
    signed_in: Page, tmp_path: Path
) -> None:
    page = signed_in
    nucleus = clear_nucleus(labels_of(IMAGE))
    centre = deepest_point(nucleus)
    canvas = open_demo_image(page, IMAGE)
    untouched = canvas.picture()

    prompt = canvas.click(centre)
    answer = canvas.answer_to(prompt)
    [click] = answer["clicks"]
    assert click["positive"]
    assert np.allclose([click["x"], click["y"]], centre, atol=1)
    predicted = canvas.paste(answer["mask"])
    assert iou(predicted, nucleus) >= 0.5
    expect(page.get_by_test_id("accept")).to_be_visible()
    assert changed_pixels(untouched, canvas.picture()) > 200
    score = page.get_by_text(f"Score {answer['score']:.2f}")
    expect(score).to_be_visible()

    canvas.use("brush")
    right = int(np.flatnonzero(predicted.any(axis=0))[-1])
    canvas.stroke(centre, (right + 6.0, centre[1]))
    # What a person has drawn is theirs, and the model has no say in how good it is.
    expect(score).to_be_hidden()
    canvas.accept()
    canvas.expect_saved()
    [kept] = canvas.masks()
    fixed = canvas.paste(kept)
    assert kept["origin"] == "fixed"
    assert kept["prediction"] == prompt
    assert iou(fixed, nucleus) >= 0.5
    assert not (predicted & ~fixed).any()
    assert fixed[int(centre[1]), right + 2 : right + 6].all()

    page.reload()
    canvas.wait_until_ready()
    expect(page.get_by_test_id("nuclei-count")).to_contain_text("1")
    assert [mask["counts"] for mask in page.evaluate("() => window.sppnet.masks")] == [
        kept["counts"]
    ]
    assert changed_pixels(untouched, canvas.picture()) > 200

    page.get_by_test_id("dataset-link").click()
    page.get_by_label("Format").first.select_option("coco_rle")
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click(timeout=60_000)
    file = tmp_path / "export.json"
    download.value.save_as(file)
    coco = COCO(file)
    [annotation] = coco.loadAnns(coco.getAnnIds())
    [image] = coco.loadImgs([annotation["image_id"]])
    assert Path(image["file_name"]).stem == IMAGE
    assert np.array_equal(coco.annToMask(annotation), fixed)
    assert annotation["bbox"] == kept["bbox"]
    assert annotation["area"] == kept["area"]
