"""Exports: any list as CSV or XLSX, given on row by row as it is read.

domain.py         the lists, their columns, and which of them only a registrar gets
queries.py        the rows, by a cursor of the database
csv_file.py       CSV that Excel opens right; workbook_file.py writes XLSX
formulas.py       what looks like a formula stays data
handlers.py       who gets what, and the two entries in the audit log
"""
