#!/usr/bin/perl -w
# A perl script: arguments, input, status.
# unox-test: args="a 'b c'" stdin="one\ntwo"
use strict;
print "args: @ARGV, ", scalar(@ARGV), "\n";
while (<STDIN>) { chomp; print scalar reverse, "\n"; }
print STDERR "to stderr\n";
exit 3;
