"""Pages for people, under /dashboard; only `server` may import it.

A room has its routes and its templates; `shared` and `static` are for all pages. Routes call what
`api` has in the room of the same name, and read lists from `storage`.
"""
