"""What can be chosen by name: one file each."""
