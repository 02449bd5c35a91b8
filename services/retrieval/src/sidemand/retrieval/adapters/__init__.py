"""What retrieval works with: SQLite or Weaviate as the index, SQL as the ledger."""
