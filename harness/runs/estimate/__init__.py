"""What a run will take, and what of it is on record: told before anything is trained."""
