<#
.SYNOPSIS
    The PowerShell front door to the build; it adds nothing that only it can do.
.EXAMPLE
    ./build.ps1 Build, Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'QuickStart', 'Test', 'Docs', 'Pack', 'Publish')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # For Publish: the key of the gallery.
    [securestring] $GalleryKey
)

$ErrorActionPreference = 'Stop'

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args failed with exit code $LASTEXITCODE." }
}

function Assert-Module([string] $Name) {
    if (-not (Get-Module -ListAvailable $Name)) { throw "This task needs $Name. Get it with: Install-PSResource $Name" }
    Import-Module $Name
}

Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { Invoke-Dotnet build -c $Configuration }
            'QuickStart' {
                Invoke-Dotnet build src/Meshia.PowerShell -c $Configuration
                & ./examples/quickstart.ps1
            }
            'Test' {
                Invoke-Dotnet test -c $Configuration
                if (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5) {
                    Import-Module Pester -MinimumVersion 5.5
                    $result = Invoke-Pester ./tests/Pester -PassThru
                    if ($result.Result -ne 'Passed') { throw "Pester: $($result.FailedCount) failed." }
                }
                else { Write-Warning 'The Pester tests were skipped: Pester 5.5 or later is not installed. Get it with: Install-PSResource Pester' }
            }
            'Docs' {
                Assert-Module Microsoft.PowerShell.PlatyPS
                & ./docs/Export-Help.ps1
            }
            # The module, Meshia.Client and meshia-sandbox, in out/packages.
            'Pack' { Invoke-Dotnet pack -c Release }
            'Publish' {
                if (-not $GalleryKey) { throw 'Publish needs -GalleryKey.' }
                Invoke-Dotnet pack src/Meshia.PowerShell -c Release
                $version = (Test-ModuleManifest ./out/Meshia/Meshia.psd1).Version
                Publish-PSResource -NupkgPath "./out/packages/Meshia.$version.nupkg" -ApiKey ([System.Net.NetworkCredential]::new('', $GalleryKey).Password)
            }
        }
    }
}
finally { Pop-Location }
