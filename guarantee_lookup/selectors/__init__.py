"""Reading: the serving snapshot, the masters of a day, and look-ups as far as the reader may see them."""
