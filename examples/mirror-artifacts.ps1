<#
.SYNOPSIS
    Keeps the artifacts of all completed experiments in a folder. What is there already is not fetched again.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY. Each experiment has a folder of its own, by its id. Started again after a
    crash it goes on where it was; run every hour it fetches what is new.
.EXAMPLE
    ./mirror-artifacts.ps1 -Destination /data/meshia -SessionName llama-* -Include *.safetensors, *.json
#>
[CmdletBinding()]
param(
    [string] $Destination = './artifacts',

    # Names of sessions, with wildcards.
    [string[]] $SessionName = '*',

    # Names of artifacts, with wildcards.
    [string[]] $Include = '*'
)

$ErrorActionPreference = 'Stop'

# What fails is an error in the log; the others are fetched all the same.
Get-MeshiaSession -Name $SessionName |
    Get-MeshiaExperiment -Status completed |
    Get-MeshiaArtifact -ErrorAction Continue -ErrorVariable unlisted |
    Save-MeshiaArtifact -Destination $Destination -Include $Include -ErrorAction Continue -ErrorVariable unsaved

$failed = @($unlisted) + @($unsaved)
if ($failed) { throw "$($failed.Count) errors: the mirror is not complete." }
