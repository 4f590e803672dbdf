"""Events during a run: what fires, what is on its way, what arrives."""
