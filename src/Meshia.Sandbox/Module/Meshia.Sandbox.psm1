# One function a file; the folders are those of the sandbox's source.
Set-StrictMode -Version 2
$script:selected = $null

foreach ($file in Get-ChildItem -LiteralPath $PSScriptRoot -Filter *.ps1 -Recurse) { . $file.FullName }
