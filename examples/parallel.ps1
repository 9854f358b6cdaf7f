<#
.SYNOPSIS
    Tests the experiments of many sessions at the same time, each in a runspace of its own.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY: a runspace has its own connection, and finds the key there. All runspaces
    of a process keep to the service's limit of requests together, so more of them than a few are no faster.

    Exit codes: 0 = every rule passed. 1 = a rule failed. 2 = no rule failed, but not everything could be judged.
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
$tests, $problems = @(), @()
try {
    $module = (Get-Command Get-MeshiaSession).Module.ModuleBase
    # An error in one runspace does not end the others.
    $ErrorActionPreference = 'Continue'
    Get-MeshiaSession -ErrorAction Stop | ForEach-Object -ThrottleLimit $ThrottleLimit -ErrorVariable problems -OutVariable tests -Parallel {
        Import-Module $using:module
        $_ | Get-MeshiaExperiment -Status completed | Test-MeshiaExperiment -Rule $using:Rule
    }
}
catch {
    Write-Error -ErrorRecord $_ -ErrorAction Continue
    $problems = @($_)
}

exit $(if ($tests | Where-Object { -not $_.Passed }) { 1 } elseif ($problems -or -not $tests) { 2 } else { 0 })
