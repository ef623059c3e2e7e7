"""What plug-ins are given and give back."""
