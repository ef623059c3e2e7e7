"""What files of one's own may be: layout, roles and columns, each guess with what speaks for it, as a card."""
