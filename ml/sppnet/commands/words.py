"""What several commands say of the same argument."""

DATA = "folder with images/ and labels/; with --split, the folder that holds the sets"
