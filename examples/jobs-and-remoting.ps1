<#
.SYNOPSIS
    Looks for experiments in a job, or on other computers, and downloads here what they made.
.DESCRIPTION
    Needs the module Meshia here and there. A job has the environment of its parent, and so its MESHIA_API_KEY; other computers find a
    key of their own, in their MESHIA_API_KEY or their profile "default". What comes back are copies of the objects; cmdlets take them
    as they take the objects.
.EXAMPLE
    ./jobs-and-remoting.ps1 -Destination ./artifacts
.EXAMPLE
    ./jobs-and-remoting.ps1 -ComputerName build-1, build-2
#>
[CmdletBinding()]
param(
    [string] $Destination = './artifacts',

    # Where to look; a job on this computer where nothing is named.
    [string[]] $ComputerName
)

$ErrorActionPreference = 'Stop'
$module = (Get-Command Get-MeshiaSession).Module.ModuleBase

$experiments = if ($ComputerName) {
    Invoke-Command -ComputerName $ComputerName -ScriptBlock { Get-MeshiaSession | Get-MeshiaExperiment -Status completed }
}
else {
    Start-Job {
        Import-Module $using:module
        Get-MeshiaSession | Get-MeshiaExperiment -Status completed
    } | Receive-Job -Wait -AutoRemoveJob
}

$experiments | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $Destination
