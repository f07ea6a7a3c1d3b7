"""What the trade-credit portal reads; everything is scoped here."""
