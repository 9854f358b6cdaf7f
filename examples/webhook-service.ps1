<#
.SYNOPSIS
    Keeps the files of each experiment that completes, for as long as it runs: a service of systemd, or a console.
.DESCRIPTION
    The environment has the signing secret in MESHIA_WEBHOOK_SECRET and the key in MESHIA_API_KEY.
#>
param(
    [uri] $Uri = 'http://127.0.0.1:8787/meshia',
    [string] $Destination = './artifacts',
    # How many events to wait for; 0 is no end.
    [int] $Count = 0
)

$limit = if ($Count) { @{ Count = $Count } } else { @{} }
Receive-MeshiaWebhook $Uri -Secret $env:MESHIA_WEBHOOK_SECRET -EventType experiment.completed @limit | ForEach-Object {
    # An experiment that fails here is an error in the log, and the next one is still received.
    $_ | Get-MeshiaExperiment | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $Destination
}
