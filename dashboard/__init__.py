"""Pages for people, under /dashboard; only `server` may import it.

A room has its routes and its templates; `shared` and `static` are for all pages, and so are the
macros in `shared/parts.html`, `shared/forms.html` and `shared/charts.html`. Routes call what
`api` has in the room of the same name, and read lists from `storage`.
"""
