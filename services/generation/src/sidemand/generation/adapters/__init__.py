"""Writers: one without and one with a language model."""
