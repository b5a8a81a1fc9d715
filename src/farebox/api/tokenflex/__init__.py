"""The compatible usage API: `/tokenflex/v1`, as programs written for the published one call it (docs/usage-api.md)."""
