"""One comparison on several data sets: what holds over them."""
