#! /bin/dash
# A shell script that only uses built-ins.
# unox-test: args="x y" stdin="first\nsecond"
echo "$# $1 $2"
read line
echo "read $line"
i=0
while [ $i -lt 100 ]; do i=$((i + 1)); done
echo $i
set -f
echo * /etc/pass*
case "$1" in x) echo case ;; esac
f() { local v=inner; echo "$v $1"; return 5; }
f arg
echo $?
. /dev/null
printf "%05d|%s\n" 42 text
exit 6
