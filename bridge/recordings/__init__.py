"""Reading recordings: which format a file has, and what it holds. Pure but for opening files."""
