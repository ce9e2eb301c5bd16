"""How SQLite is spoken to: inline where that is quick, else in a thread; writers in a row."""
