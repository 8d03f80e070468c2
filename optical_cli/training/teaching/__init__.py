"""`optical train-teacher`: its run and its step."""
