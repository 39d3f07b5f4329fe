"""The Beam side of every stage, thin: one file a stage."""
