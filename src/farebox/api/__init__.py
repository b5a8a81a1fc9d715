"""The JSON edges: events in, usage data out. They translate; they decide nothing."""
