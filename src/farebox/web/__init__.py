"""
The pages: HTML first, one URL per view, every response a whole page.

A view reads its question from the URL, asks a service, and hands one frozen view-model to a template. Nothing
here computes tokens, opens a database or decides who may see what; that is the services' job.
"""
