#!/bin/sh
# Downloads jejakekal for this machine, checks its sha256 and installs it:
#
#   curl -fsSL URL/install.sh | sh
#
# JEJAKEKAL_DOWNLOAD_URL   where the release's files are (default: the release that this script belongs to)
# JEJAKEKAL_INSTALL_DIR    the folder for the program (default: ~/.local/bin, for root /usr/local/bin)
set -eu

# The release puts its own address here.
release_url=""

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo linux-x64 ;;
    Linux-aarch64 | Linux-arm64) echo linux-arm64 ;;
    Darwin-x86_64) echo darwin-x64 ;;
    Darwin-arm64) echo darwin-arm64 ;;
    *) fail "there is no jejakekal for $(uname -s) on $(uname -m)" ;;
  esac
}

download() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --proto-redir =https --output "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget --quiet --output-document="$2" "$1"
  else
    fail "curl or wget is needed"
  fi
}

sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 "$1" | cut -d ' ' -f 1
  fi
}

default_folder() {
  if [ "$(id -u)" = 0 ]; then echo /usr/local/bin; else echo "$HOME/.local/bin"; fi
}

# All is in a function, so that a script that arrives in part does nothing.
main() {
  url="${JEJAKEKAL_DOWNLOAD_URL:-$release_url}"
  [ -n "$url" ] || fail "set JEJAKEKAL_DOWNLOAD_URL to the address of a release"
  folder="${JEJAKEKAL_INSTALL_DIR:-$(default_folder)}"
  name="jejakekal-$(target)"
  [ ! -d "$folder/jejakekal" ] || fail "$folder/jejakekal is a folder"
  mkdir -p "$folder"
  # In the same folder, so that a rename replaces a program that runs, and because /tmp may not let programs run.
  draft=$(mktemp -d "$folder/.jejakekal.XXXXXX")
  trap 'rm -rf "$draft"' EXIT
  trap 'exit 1' HUP INT TERM

  download "$url/SHA256SUMS" "$draft/SHA256SUMS" || fail "$url/SHA256SUMS cannot be downloaded"
  expected=$(awk -v name="$name" '$2 == name { print $1 }' "$draft/SHA256SUMS")
  [ -n "$expected" ] || fail "$url/SHA256SUMS does not name $name"
  download "$url/$name" "$draft/$name" || fail "$url/$name cannot be downloaded"
  actual=$(sha256_of "$draft/$name")
  [ "$actual" = "$expected" ] || fail "$name has the sha256 $actual, and SHA256SUMS says $expected: nothing was installed"

  chmod 755 "$draft/$name"
  version=$("$draft/$name" --version) || fail "$name does not run on this machine: nothing was installed"
  mv -f "$draft/$name" "$folder/jejakekal"

  echo "Downloaded $url/$name"
  echo "Checked    sha256 $actual"
  echo "Installed  $folder/jejakekal, version $version"
  case ":$PATH:" in
    *":$folder:"*) ;;
    *) echo "Add $folder to PATH to run it as jejakekal." ;;
  esac
}

main
