"""The views, by place in the navigation."""
