"""Imports: existing lists of families as CSV and XLSX, checked in a dry run, then written once.

uploads.py     the file comes in pieces, and is kept sealed
reader.py      a process of its own, bounded in memory and time, that reads and checks a file
files.py       which kind of file it is; sheets.py reads CSV, workbooks.py reads XLSX
columns.py     the fields a list can hold, and the headers they are guessed from
cells.py       what people write in a cell, as the register keeps it
checking.py    rows and families, each checked by the very rules of the desk
dry_run.py     stages what the reader found; writing.py puts families on the register
worker.py      the two loops that do this in every replica, under a lease
"""
