"""Issued PDFs: declared, rendered, stored or made on demand."""
