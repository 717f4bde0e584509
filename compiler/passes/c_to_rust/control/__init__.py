"""Rewrites of one statement, by subject. `simplify-statements` applies them.

A rule takes a statement whose inner blocks are already simple and answers True when it did something; the statement may then
be gone, or be another one.
"""
