"""The offline driver: folders of recordings to clips, with pictures and an index page."""
