# The cmdlets of Meshia.Sandbox use the assembly of Meshia. The same version of it must be loaded first.
$ErrorActionPreference = 'Stop'
$folder = if ($PSEdition -eq 'Core') { 'net8.0' } else { 'net472' }
$version = [System.Reflection.AssemblyName]::GetAssemblyName((Join-Path $PSScriptRoot "$folder/Meshia.Sandbox.PowerShell.dll")).Version.ToString(3)

$loaded = Get-Module Meshia
# In a clone, and in a folder of modules without versions, it is beside this one.
$beside = Join-Path (Split-Path $PSScriptRoot) Meshia/Meshia.psd1
if ($loaded) {
    if ([string] $loaded.Version -ne $version) {
        throw "Meshia.Sandbox $version needs Meshia $version, and this session has imported Meshia $($loaded.Version). Update both modules, then start a new session."
    }
}
elseif (Test-Path -LiteralPath $beside) { Import-Module $beside -Global }
elseif (Get-Module Meshia -ListAvailable | Where-Object { [string] $_.Version -eq $version }) { Import-Module Meshia -RequiredVersion $version -Global }
else { throw "Meshia.Sandbox $version needs the module Meshia $version, which is not installed. Install it from the same source as Meshia.Sandbox. See https://github.com/meshia/Meshia.PowerShell#install" }

Import-Module (Join-Path $PSScriptRoot "$folder/Meshia.Sandbox.PowerShell.psd1")
