"""The project and the kernel that all portals share; it knows no portal."""
