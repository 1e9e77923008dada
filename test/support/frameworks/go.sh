#!/bin/sh
# Owns: building and running a program as docs/frameworks.md has it, by real Go. Arguments are keys and files, in turns; it says
# for each "sent" or what Go said.

set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
while [ $# -gt 1 ]; do
  cp "$2" "$folder/main.go"
  if said=$(cd "$folder" && MAILWOK_KEY=$1 GO111MODULE=off go run main.go 2>&1); then
    echo sent
  else
    echo "error $said" | tr '\n' ' '
    echo
  fi
  shift 2
done
