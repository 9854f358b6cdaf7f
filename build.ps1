<#
.SYNOPSIS
    Builds, tests, documents and packs Meshia and Meshia.Sandbox.
.DESCRIPTION
    Run it in PowerShell 7, or without an installed PowerShell with: dotnet tool exec powershell -y -- ./build.ps1 <task>
    NuGet restores everything that a task needs. The tasks run in the given order.
.PARAMETER Task
    Build       Builds everything. The modules are then in out/Meshia and out/Meshia.Sandbox.
    QuickStart  Builds the modules and runs examples/quickstart.ps1, which needs no account.
    Test        Builds everything, and runs all C# tests and the Pester suite.
    Chaos       Runs the attacks of tests/Chaos in full: 200 kills for each, or -Rounds. Takes two hours or more.
    Pages       Runs the code of README.md and the guides, and writes the outputs and pictures that they show. Needs Linux or macOS, and a Chromium browser.
    Docs        Generates the help of both modules from docs/cmdlets. Needs the module Microsoft.PowerShell.PlatyPS.
    Bench       Measures every goal of speed, prints one table and writes it to docs/benchmarks.md. Takes 20 minutes on an idle machine;
                with -Quick half a minute, to see that each row can be measured. Needs curl.
    Pack        Creates the packages in out/packages.
    Sign        Signs the files of both modules after Pack, and creates the packages again. Windows only. Needs -CertificateThumbprint.
    Publish     Publishes the packages in out/packages: the modules to the PowerShell Gallery, the rest to nuget.org. Needs -GalleryKey and -NuGetKey.
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
    [ValidateSet('Build', 'QuickStart', 'Test', 'Chaos', 'Pages', 'Docs', 'Bench', 'Pack', 'Sign', 'Publish')]
    [string[]] $Task = 'Build',

    # Bench, Pack and Sign always use Release.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # For Test: only the tests whose full name matches this wildcard pattern.
    [string] $Filter,

    # For Test: the version of Pester. CI uses the default.
    [ValidateSet('6.2.0', '5.9.1')]
    [string] $PesterVersion = '6.2.0',

    # For Chaos: how often to kill each process.
    [ValidateRange(1, 100000)]
    [int] $Rounds = 200,

    # For Bench: one round of each row. The figures mean little, and docs/benchmarks.md stays as it is.
    [switch] $Quick,

    # For Sign: a certificate for code signing in the store of the current user.
    [string] $CertificateThumbprint,

    # For Publish: the API key of the PowerShell Gallery.
    [securestring] $GalleryKey,

    # For Publish: the API key of nuget.org.
    [securestring] $NuGetKey
)

$ErrorActionPreference = 'Stop'
# Invoke-Dotnet checks the exit code.
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
            'Pages' {
                Invoke-Dotnet build tests/Meshia.PowerShell.Tests -c $Configuration
                $env:MESHIA_WRITE_PAGES = 1
                try { Invoke-Dotnet exec "tests/Meshia.PowerShell.Tests/bin/$Configuration/net10.0/Meshia.PowerShell.Tests.dll" -noColor -class *.GuideTests }
                finally { Remove-Item Env:MESHIA_WRITE_PAGES }
            }
            'Docs' {
                Assert-Module Microsoft.PowerShell.PlatyPS
                & ./docs/Export-Help.ps1
            }
            'Bench' {
                Invoke-Dotnet build tests/Benchmarks -c Release
                $words = if ($Quick) { 'quick' }
                Invoke-Dotnet run --no-build -c Release --project tests/Benchmarks -- goals @words
            }
            'Pack' { Invoke-Dotnet pack -c Release }
            'Sign' {
                if (-not $CertificateThumbprint) { throw 'Sign needs -CertificateThumbprint.' }
                $certificate = Get-Item "Cert:/CurrentUser/My/$CertificateThumbprint"
                # Libraries of others have the signatures of their makers.
                $files = Get-ChildItem ./out/Meshia, ./out/Meshia.Sandbox -Recurse -File -Include *.psd1, *.psm1, *.ps1xml, Meshia*.dll
                $signatures = $files | ForEach-Object { Set-AuthenticodeSignature -LiteralPath $_.FullName -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer http://timestamp.digicert.com }
                $failed = $signatures | Where-Object Status -NE 'Valid'
                if ($failed) { throw "Not signed: $(($failed | ForEach-Object { "$($_.Path) ($($_.StatusMessage))" }) -join ', ')" }
                # Another build would replace the signed files.
                Invoke-Dotnet pack -c Release --no-build
            }
            'Publish' {
                if (-not $GalleryKey -or -not $NuGetKey) { throw 'Publish needs -GalleryKey and -NuGetKey.' }
                $version = (Test-ModuleManifest ./out/Meshia/Meshia.psd1).Version
                # Meshia first: Meshia.Sandbox depends on it.
                foreach ($package in 'Meshia', 'Meshia.Sandbox') {
                    Publish-PSResource -NupkgPath "./out/packages/$package.$version.nupkg" -Repository PSGallery -ApiKey ([System.Net.NetworkCredential]::new('', $GalleryKey).Password)
                }
                # The line after the name of a source has its address.
                $sources = @(dotnet nuget list source --format Detailed)
                $source = $sources[1 + [array]::FindIndex([string[]] $sources, [Predicate[string]] { $args[0] -match '\. nuget\.org \[' })].Trim()
                foreach ($package in "Meshia.Client.$version.nupkg", "meshia-sandbox/meshia-sandbox.$version.nupkg") {
                    & ./.ci/Publish-Package.ps1 -Path "./out/packages/$package" -Source $source -ApiKey $NuGetKey
                }
            }
        }
    }
}
finally { Pop-Location }
