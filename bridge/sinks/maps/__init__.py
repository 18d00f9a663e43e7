"""Maps at work: sent to the programs that they move, checked, and learned by them."""
