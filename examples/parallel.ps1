<#
.SYNOPSIS
    Tests the experiments of many sessions at the same time, each in a runspace of its own.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY: a runspace has its own connection, and finds the key there. All runspaces
    of a process keep to the service's limit of requests together, so more of them than a few are no faster.
.EXAMPLE
    ./parallel.ps1 -Rule @{ loss = '<= 0.5' }
#>
#requires -Version 7
[CmdletBinding()]
param(
    # As Test-MeshiaExperiment takes it.
    [hashtable] $Rule = @{ loss = '<= 0.5' },

    [int] $ThrottleLimit = 4
)

$ErrorActionPreference = 'Stop'
$module = (Get-Command Get-MeshiaSession).Module.ModuleBase

Get-MeshiaSession | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    Import-Module $using:module
    $_ | Get-MeshiaExperiment -Status completed | Test-MeshiaExperiment -Rule $using:Rule
}
