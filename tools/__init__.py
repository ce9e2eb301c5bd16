"""Programs that make files of this repository; nothing imports them, and the README names them."""
