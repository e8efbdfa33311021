"""Checks to run before a command-line tool or a deployment: what is wrong, why it matters, what to do.

`findings` says what a check is and runs the catalogue; each other module holds the checks of one subject.
"""
