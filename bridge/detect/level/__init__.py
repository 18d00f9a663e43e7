"""Beats by their height alone, kept where they repeat: for rhythms that no template follows."""
