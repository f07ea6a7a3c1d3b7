"""Applications, their versions and attachments, and the list of them."""
