"""SPPNet in pure PyTorch: the network, its training, evaluation and export. Knows no Django."""
