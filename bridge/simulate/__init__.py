"""Hearts and disturbances made by the project: for the demo, for tests and for rehearsal."""
