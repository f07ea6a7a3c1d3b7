"""What people enter in the e-surety portal."""
