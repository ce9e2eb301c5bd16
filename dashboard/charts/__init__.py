"""Charts as plain values: where each bar, point and cell stands, in percent of the width.

`shared/charts.html` draws them as SVG with a title, a description and the numbers in a table, so
that they are read without being seen. Every page may import it.
"""
