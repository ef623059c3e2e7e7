"""Numbers that summarise how unequal groups' utilities are: one file each."""
