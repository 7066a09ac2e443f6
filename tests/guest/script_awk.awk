#!/usr/bin/gawk -f
# A script whose interpreter takes an option; awk reads the input.
# unox-test: stdin="3 4\n5 6"
BEGIN { print "awk starts", ARGC }
{ print $1 * $2 }
END { print NR; exit 4 }
