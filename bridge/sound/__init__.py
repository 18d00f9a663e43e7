"""A voice of our own: drums and a soft tone made in numpy, for clips and the live heart."""
