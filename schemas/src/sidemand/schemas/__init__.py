"""The contract: topics and payload models, and what is generated from them."""
