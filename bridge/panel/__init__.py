"""The panel: one page in the browser from which everything on stage can be done.

The page is served by a process of its own (``serve``), which alone imports the web library; the
process that plays talks with it through a pipe (``child``) that costs no beat.
"""
