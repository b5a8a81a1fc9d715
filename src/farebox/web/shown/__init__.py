"""One module a report page: what its template shows of the view-model: words, figures, tables."""
