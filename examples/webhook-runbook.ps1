<#
.SYNOPSIS
    A runbook of Azure Automation that a Meshia webhook starts: it keeps the files of each experiment that completes.
.DESCRIPTION
    Needs the module Meshia, and the encrypted variables MeshiaWebhookSecret and MeshiaApiKey.
#>
param(
    # What Azure Automation hands over; in the test pane, its JSON text.
    [Parameter(Mandatory)]
    [object] $WebhookData,

    [string] $Destination = (Join-Path ([IO.Path]::GetTempPath()) 'meshia')
)

$ErrorActionPreference = 'Stop'

# Throws where the delivery is not signed with the secret. Anyone who knows the address can start this runbook.
$meshiaEvent = $WebhookData | ConvertFrom-MeshiaWebhook -Secret (Get-AutomationVariable -Name MeshiaWebhookSecret)
if ($meshiaEvent -isnot [Meshia.ExperimentCompletedEvent]) {
    "Nothing to do for $($meshiaEvent.EventType)."
    return
}

Connect-Meshia -ApiKey (Get-AutomationVariable -Name MeshiaApiKey)
$meshiaEvent | Get-MeshiaExperiment | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $Destination
