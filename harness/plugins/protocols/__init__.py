"""What a plug-in must offer: one file per kind."""
