"""Tests by floor and room, as the code has them; `e2e` runs real processes and kills some."""
