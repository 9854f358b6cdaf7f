<#
.SYNOPSIS
    Runs the Pester suite in this process, and writes its results to a file. tests/Invoke-Test.ps1 calls it.
#>
[CmdletBinding()]
param(
    # The path of Pester.psd1.
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $ResultPath,
    [string] $Filter,
    # The folders of the tests.
    [string[]] $Path = $(if ($env:OS -eq 'Windows_NT') { $PSScriptRoot, "$PSScriptRoot/../Windows" } else { $PSScriptRoot })
)

Import-Module $Pester -ErrorAction Stop
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.Exit = $true
$configuration.Output.CIFormat = 'None'
$configuration.Output.Verbosity = 'Detailed'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputPath = $ResultPath
if ($Filter) { $configuration.Filter.FullName = $Filter }
"Pester $((Get-Module Pester).Version) in PowerShell $($PSVersionTable.PSVersion)"
Invoke-Pester -Configuration $configuration
