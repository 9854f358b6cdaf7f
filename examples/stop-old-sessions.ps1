<#
.SYNOPSIS
    Stops sessions that run for too long: what nobody stopped costs money until somebody does.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY. -WhatIf tells which ones it would stop.
.EXAMPLE
    ./stop-old-sessions.ps1 -OlderThanHours 12 -Exclude prod-*, shared -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateRange(0, 8760)]
    [double] $OlderThanHours = 12,

    # Names of sessions that stay, with wildcards.
    [string[]] $Exclude = @()
)

$ErrorActionPreference = 'Stop'
$latest = [DateTimeOffset]::UtcNow.AddHours(-$OlderThanHours)

Get-MeshiaSession -Status provisioning, running |
    Where-Object { $_.CreatedAt -le $latest } |
    Where-Object { $name = $_.Name; -not ($Exclude | Where-Object { $name -like $_ }) } |
    # One that cannot be stopped must not keep the others running.
    Stop-MeshiaSession -PassThru -Confirm:$false -ErrorAction Continue -ErrorVariable failed

if ($failed) { throw "$($failed.Count) sessions could not be stopped." }
