"""Lists of contacts and numbers as CSV or XLSX: read row by row, and lines of CSV written.

The rooms that take or give files may import it; it knows of `api.http` only. How a number is read
is in `policy.location.endpoints`.
"""
