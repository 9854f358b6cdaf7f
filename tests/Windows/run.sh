#!/usr/bin/env bash
# Runs the tests of this folder in PowerShell for Windows, on Wine: run.sh <Pester.psd1> <result file> [filter]
set -uo pipefail
cd "$(dirname "$0")/../.."
root=$PWD/tests/Windows/bin
if [ ! -x "$root/dotnet/dotnet.exe" ] || ! command -v wine > /dev/null; then
  echo "Windows: skipped, because Wine is not set up. On Debian and Ubuntu install wine and wine64, then run tests/Windows/set-up.sh"
  echo '<test-results><test-case name="Windows" result="Ignored" /></test-results>' > "$2"
  exit 0
fi

windows() { printf 'Z:%s' "${1//\//\\}"; }
# A prefix links to the root of the file system. It is outside of the checkout, because programs that search folders would follow the link.
export WINEPREFIX=${TMPDIR:-/tmp}/meshia-wine-$(id -u)-$(cksum <<< "$PWD" | cut -d ' ' -f 1)
export WINEDEBUG=-all WINEPATH MESHIA_TEST_SHARE='\\localhost\share'
WINEPATH=$(windows "$root/dotnet")
# Without these the runtime crashes on Wine now and then.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredCompilation=0 DOTNET_gcConcurrent=0
timeout -k 10 300 wine "$root/host/WindowsHost.exe" "$(windows "$PWD/tests/Pester/Invoke-Suite.ps1")" -Path "$(windows "$PWD/tests/Windows")" -Pester "$(windows "$1")" -ResultPath "$(windows "$2")" -Filter "${3:-}"
status=$?
wineserver -k
exit $status
