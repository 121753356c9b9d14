"""The pages of administrators on what the network has learned, is learning, and is to learn."""
