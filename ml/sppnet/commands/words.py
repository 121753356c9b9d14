"""What several commands say of the same argument."""

from ml.scale import MICRONS_PER_PIXEL

SCALE = f"of the images; they are enlarged to about {MICRONS_PER_PIXEL} (default: by their nuclei)"
DATA = "folder with images/ and labels/; with --split, the folder that holds the sets"
