"""The commands of python -m ml.sppnet, one a file: ``add`` its arguments, ``run`` it."""
