"""A deterministic year of believable usage: two teams, sixty people and fifteen products, all marked as demo."""
