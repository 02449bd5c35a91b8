"""Whether quotes carry a statement: named features, and weights that were learnt for them."""
