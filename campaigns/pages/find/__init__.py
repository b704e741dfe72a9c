"""Finding by name: campaigns, people, pages and actions, in a palette over every page and on a page of its own."""
