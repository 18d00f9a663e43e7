"""Sessions to clips: pure functions from a table, beats and a style to notes, lanes and bytes."""
