"""
The pages of the operators of the installation; nobody else learns that they exist (404).

What changes something is a page with a form, after a fresh sign-in; what is wide or for good asks once more.
"""
