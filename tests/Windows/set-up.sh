#!/usr/bin/env bash
# Makes what run.sh needs: Wine with a prefix of its own, and in tests/Windows/bin PowerShell for Windows and a share.
# Wine is installed on a CI machine only; elsewhere: apt-get install --no-install-recommends wine wine64
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD/tests/Windows/bin
# A prefix links to the root of the file system. It is outside of the checkout, because programs that search folders would follow the link.
export WINEPREFIX=${TMPDIR:-/tmp}/meshia-wine-$(id -u)-$(cksum <<< "$PWD" | cut -d ' ' -f 1)
export WINEDEBUG=-all

if ! command -v wine > /dev/null; then
  if [ "${CI:-}" != true ] || ! command -v apt-get > /dev/null; then
    echo "The Windows tests are skipped: there is no wine on the PATH."
    exit 0
  fi
  as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $as_root apt-get update -q
  if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends wine wine64 > /dev/null; then
    echo "The Windows tests are skipped: wine could not be installed."
    exit 0
  fi
fi

mkdir -p "$root"
if [ ! -d "$WINEPREFIX/dosdevices" ]; then
  wine wineboot -i
  wine winecfg -v win10
  wineserver -w
fi

# Its own modules lie beside the engine. CimCmdlets is left out: Wine has no CIM, and a query of it never ends.
dotnet build tests/Windows -o "$root/host" -v q -nologo
cp -r "$root/host/runtimes/win/lib/net10.0/Modules" "$root/host/"
rm -rf "$root/host/Modules/CimCmdlets" "$root/dotnet"
# The same program with the name dotnet, in a folder of its own: Windows looks for programs beside the running one first.
cp -al "$root/host" "$root/dotnet"
mv "$root/dotnet/WindowsHost.exe" "$root/dotnet/dotnet.exe"
rm -rf "$root/dotnet/Modules"

# \\localhost\share
mkdir -p "$root/share" "$WINEPREFIX/dosdevices/unc/localhost"
ln -sfn "$root/share" "$WINEPREFIX/dosdevices/unc/localhost/share"
