"""Files of reports: several reports in one file, in columns of a chosen schema, CSV or a workbook (product H1)."""
