#!/bin/sh
# Installs the executable of Vaultik after checking its SHA-256.
#   install.sh [--prefix DIR] [SOURCE]
# SOURCE is the address or the directory that holds the release: executables and SHA256SUMS. DIR is /usr/local by default.
set -eu

source='@SOURCE@'
prefix=/usr/local

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || fail "--prefix needs a directory"; prefix=$2; shift ;;
    -*) fail "unknown option $1; usage: install.sh [--prefix DIR] [SOURCE]" ;;
    *) source=$1 ;;
  esac
  shift
done
[ -n "$source" ] || fail "name the address or directory of the release: install.sh SOURCE"

case $(uname -s) in
  Linux) system=linux ;;
  *) fail "there is no executable for $(uname -s) yet" ;;
esac
case $(uname -m) in
  x86_64 | amd64) name=vaultik-$system-x86_64 ;;
  aarch64 | arm64) name=vaultik-$system-aarch64 ;;
  *) fail "there is no executable for $(uname -m)" ;;
esac

fetch() {
  case $source in
    http://* | https://*)
      if command -v curl >/dev/null; then curl -fsSL -o "$2" "$source/$1"
      elif command -v wget >/dev/null; then wget -q -O "$2" "$source/$1"
      else fail "curl or wget is needed"
      fi ;;
    *) cp -- "$source/$1" "$2" ;;
  esac || fail "cannot fetch $source/$1"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fetch SHA256SUMS "$scratch/SHA256SUMS"
fetch "$name" "$scratch/$name"

grep " [ *]\{0,1\}$name\$" "$scratch/SHA256SUMS" >"$scratch/sum" || fail "SHA256SUMS does not name $name"
(
  cd "$scratch"
  if command -v sha256sum >/dev/null; then sha256sum -c sum >/dev/null 2>&1
  else shasum -a 256 -c sum >/dev/null 2>&1
  fi
) || fail "$name is not what SHA256SUMS says; nothing was installed"

mkdir -p "$prefix/bin" || fail "cannot make $prefix/bin; run as root, or choose --prefix"
install -m 755 "$scratch/$name" "$prefix/bin/vaultik" || fail "cannot write $prefix/bin/vaultik; run as root, or choose --prefix"
echo "Installed $prefix/bin/vaultik. Check it on this machine: $prefix/bin/vaultik self-test"
