"""Value -> range -> curve -> smoothing: how the heart is scaled for profiles, clips and synths."""
