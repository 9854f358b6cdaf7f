# The manifest is plain data, so that every tool can read it. The assembly for this edition of PowerShell is chosen here.
$folder = 'net472'
if ($PSEdition -eq 'Core') {
    # Compiled ahead of time, if the package has that for this system.
    $folder = [System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier
    if (-not [System.IO.File]::Exists("$PSScriptRoot/$folder/Meshia.PowerShell.psd1")) { $folder = 'net8.0' }
}
Import-Module "$PSScriptRoot/$folder/Meshia.PowerShell.psd1"
