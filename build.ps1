<#
.SYNOPSIS
    Builds, tests, documents and packs Meshia and Meshia.Sandbox.
.DESCRIPTION
    Run it in PowerShell 7, or without an installed PowerShell with: dotnet tool exec powershell -y -- ./build.ps1 <task>
    Everything that a task needs is restored from NuGet. The tasks run in the order in which they are given.
.PARAMETER Task
    Build       Builds everything. The importable modules are then in out/Meshia and out/Meshia.Sandbox.
    QuickStart  Builds the modules and runs examples/quickstart.ps1, which needs no account.
    Test        Builds everything, and runs all C# tests and the Pester suite.
    Chaos       Runs the attacks of tests/Chaos in full: 200 kills in each place, or as many as -Rounds says. Takes an hour or more.
    Docs        Makes the help of both modules from docs/cmdlets. Needs the module Microsoft.PowerShell.PlatyPS.
    Bench       Runs the benchmarks.
    Pack        Makes the packages in out/packages.
    Publish     Publishes both modules to the PowerShell Gallery. Needs -GalleryKey.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 Test -Filter *Artifact*
.EXAMPLE
    ./build.ps1 Test -PesterVersion 5.9.1
#>
#requires -Version 7
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'QuickStart', 'Test', 'Chaos', 'Docs', 'Bench', 'Pack', 'Publish')]
    [string[]] $Task = 'Build',

    # Bench, Pack and Publish always use Release.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # For Test: only the tests whose full name matches this wildcard pattern.
    [string] $Filter,

    # For Test: the version of Pester. CI uses the default.
    [ValidateSet('6.2.0', '5.9.1')]
    [string] $PesterVersion = '6.2.0',

    # For Chaos: how often each process is killed.
    [ValidateRange(1, 100000)]
    [int] $Rounds = 200,

    # For Publish: the API key of the PowerShell Gallery.
    [securestring] $GalleryKey
)

$ErrorActionPreference = 'Stop'
# A native command that fails is found by its exit code, in Invoke-Dotnet.
$PSNativeCommandUseErrorActionPreference = $false
$env:DOTNET_NOLOGO = $env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:POWERSHELL_TELEMETRY_OPTOUT = '1'

function Write-Step([string] $Text) { Write-Host "`n== $Text" -ForegroundColor Cyan }

function Invoke-Dotnet {
    Write-Step "dotnet $args"
    & dotnet @args | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args failed with exit code $LASTEXITCODE." }
}

function Assert-Module([string] $Name) {
    if (-not (Get-Module -ListAvailable $Name)) { throw "This task needs the module $Name. Install it with: Install-PSResource $Name" }
    Import-Module $Name
}

Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { Invoke-Dotnet build -c $Configuration }
            'QuickStart' {
                Invoke-Dotnet build src/Meshia.Sandbox.PowerShell -c $Configuration
                Write-Step 'examples/quickstart.ps1'
                & ./examples/quickstart.ps1
            }
            'Test' {
                Invoke-Dotnet build -c $Configuration
                & ./tests/Invoke-Test.ps1 -Configuration $Configuration -Filter $Filter -PesterVersion $PesterVersion
            }
            'Chaos' {
                Invoke-Dotnet build tests/Chaos -c $Configuration
                Invoke-Dotnet build tests/Meshia.Client.Tests -c $Configuration
                $env:MESHIA_CHAOS_ROUNDS = $env:MESHIA_TEST_KILLS = $Rounds
                $env:MESHIA_FUZZ_ANSWERS = 100000
                try {
                    Invoke-Dotnet exec "tests/Chaos/bin/$Configuration/net10.0/Chaos.Tests.dll" -noColor -parallel none -showLiveOutput
                    Invoke-Dotnet exec "tests/Meshia.Client.Tests/bin/$Configuration/net10.0/Meshia.Client.Tests.dll" -noColor -class *.KillTests -class *.AnswerFuzzTests -showLiveOutput
                }
                finally { Remove-Item Env:MESHIA_CHAOS_ROUNDS, Env:MESHIA_TEST_KILLS, Env:MESHIA_FUZZ_ANSWERS }
            }
            'Docs' {
                Assert-Module Microsoft.PowerShell.PlatyPS
                & ./docs/Export-Help.ps1
            }
            'Bench' {
                Invoke-Dotnet build tests/Benchmarks -c Release
                # The benchmarks of downloads need two minutes, gigabytes on the disk, and curl: tests/Benchmarks/README.md says how to run them.
                Invoke-Dotnet run --no-build -c Release --project tests/Benchmarks -- import
                Invoke-Dotnet run --no-build -c Release --project tests/Benchmarks -- budget
                Invoke-Dotnet run --no-build -c Release --project tests/Benchmarks -- compare
            }
            'Pack' { Invoke-Dotnet pack -c Release }
            'Publish' {
                if (-not $GalleryKey) { throw 'Publish needs -GalleryKey.' }
                # Meshia first: Meshia.Sandbox depends on it.
                foreach ($project in 'Meshia.PowerShell', 'Meshia.Sandbox.PowerShell') {
                    Invoke-Dotnet pack "src/$project" -c Release
                }
                $version = (Test-ModuleManifest ./out/Meshia/Meshia.psd1).Version
                foreach ($package in 'Meshia', 'Meshia.Sandbox') {
                    Publish-PSResource -NupkgPath "./out/packages/$package.$version.nupkg" -ApiKey ([System.Net.NetworkCredential]::new('', $GalleryKey).Password)
                }
            }
        }
    }
}
finally { Pop-Location }
