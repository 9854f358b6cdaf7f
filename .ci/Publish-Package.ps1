<#
.SYNOPSIS
    Pushes a package to a NuGet feed.
.DESCRIPTION
    `dotnet nuget push` takes its key only as an argument, which every user of the machine can read. This script sends the same request itself.
#>
#requires -Version 7
[CmdletBinding()]
param(
    # The .nupkg file.
    [Parameter(Mandatory)] [string] $Path,

    # The index of the feed (v3).
    [Parameter(Mandatory)] [uri] $Source,

    [Parameter(Mandatory)] [securestring] $ApiKey
)

$ErrorActionPreference = 'Stop'
$publish = (Invoke-RestMethod $Source -MaximumRedirection 0).resources | Where-Object '@type' -EQ 'PackagePublish/2.0.0' | Select-Object -First 1
if (-not $publish) { throw "$Source has no resource PackagePublish/2.0.0." }
$address = [uri] $publish.'@id'
if ($address.Scheme -ne 'https' -and -not $address.IsLoopback) { throw "$Source publishes at $address. The key is sent only with https." }
$headers = @{ 'X-NuGet-ApiKey' = [System.Net.NetworkCredential]::new('', $ApiKey).Password; 'X-NuGet-Protocol-Version' = '4.1.0' }
# No redirect: the key would go with it.
$answer = Invoke-WebRequest $address -Method Put -Headers $headers -Form @{ package = Get-Item -LiteralPath $Path } -MaximumRedirection 0 -SkipHttpErrorCheck -ErrorAction SilentlyContinue
if ($answer.StatusCode -notin 200, 201, 202) { throw "$address did not take $(Split-Path $Path -Leaf): status $([int] $answer.StatusCode) $($answer.StatusDescription)." }
