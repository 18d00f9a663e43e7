"""Any value of the heart to any synth: maps (TOML), their rows, and what a row sends when."""
