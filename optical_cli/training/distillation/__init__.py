"""`optical distill`: what it is asked for, its data, and its step."""
