"""One algorithm per file; each is a function from a checked problem to a `TransportPlan`."""
