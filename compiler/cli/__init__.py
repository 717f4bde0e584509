"""The commands: one file each, arguments and then a few calls.

Importing what they need is quicker from here on: some of it was compiled by an earlier start.
"""

from compiler.cli.process import remember

remember()
