"""How fast this is, against what people use today: one run, one machine, by turns."""
