"""The embedding service's technologies."""
