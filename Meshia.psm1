# The manifest is plain data, so that every tool can read it. The folder for this edition of PowerShell and this system is chosen here.
# Those of single systems are compiled ahead of time. An if would take PowerShell twice as long to compile as these switches.
$folder = 'net8.0'
switch ($PSEdition) {
    'Desktop' { $folder = 'net472' }
    'Core' {
        switch ([System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier) {
            'linux-x64' { $folder = $_ }
            'win-x64' { $folder = $_ }
        }
    }
}
Import-Module "$PSScriptRoot/$folder/Meshia.PowerShell.psd1"
