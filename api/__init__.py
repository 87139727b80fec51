"""The entrances to the register: HTTP interface, web pages and command line."""
