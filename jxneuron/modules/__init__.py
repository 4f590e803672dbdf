"""What users hold: modules over the tables of a Model, and the runs that they start."""
