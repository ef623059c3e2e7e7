"""What ``harness plugin new`` writes: a small working plug-in of each kind, called Example until it is named."""
