"""From group gradients and losses to group weights."""
