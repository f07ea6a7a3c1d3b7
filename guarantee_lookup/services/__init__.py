"""What changes something: looking up, locking, switching generations."""
