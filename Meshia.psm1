# The manifest is plain data, so that every tool can read it. The assembly for this edition of PowerShell is chosen here.
$framework = if ($PSEdition -eq 'Core') { 'net8.0' } else { 'net472' }
Import-Module (Join-Path $PSScriptRoot "$framework/Meshia.PowerShell.psd1")
