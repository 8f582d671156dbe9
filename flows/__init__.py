"""What is said and decided. Pure: no I/O, no clock, no chance, nothing to await."""
