#!/usr/bin/python3 -u
# A python script found by its first line.
# unox-test: args="p q"
import sys
print(sys.argv[1:], sys.flags.interactive, sys.stdout.line_buffering)
sys.exit(8)
