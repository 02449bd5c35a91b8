"""Danish text: stems, compounds, sentences, legal references. No I/O."""
