"""What a study will take: its runs estimated, and handed out to workers in virtual time."""
