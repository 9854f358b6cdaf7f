<#
.SYNOPSIS
    The whole life of a GPU session, against a sandbox that this script starts itself: no account, no network, no bill.
.DESCRIPTION
    Against the real service the same lines work: leave out Start-MeshiaSandbox, and set MESHIA_API_KEY.
    Files go to ./out/quickstart.
#>
#requires -Version 7
[CmdletBinding()]
param(
    [string] $Destination = "$PSScriptRoot/../out/quickstart"
)

$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../out/Meshia", "$PSScriptRoot/../out/Meshia.Sandbox"

function Write-Step([string] $Text) { Write-Host "`n== $Text" -ForegroundColor Cyan }

Write-Step 'Start a sandbox and connect to it'
$sandbox = Start-MeshiaSandbox -Connect -Seed 42 -ProvisioningSeconds 1 -ExperimentSeconds 1
try {
    Get-MeshiaConnection | Out-Host

    Write-Step 'Create a session and wait until its pod runs'
    $session = New-MeshiaSession -Name llama-finetune -Gpu rtx4090 -Repo github:meshia/llama -Wait
    Get-MeshiaSession | Out-Host

    Write-Step 'Read its experiments, until two have completed'
    do {
        Start-Sleep -Milliseconds 500
        $completed = @($session | Get-MeshiaExperiment -Status completed)
    } while ($completed.Count -lt 2)
    $session | Get-MeshiaExperiment | Out-Host

    Write-Step 'Compare the two'
    $completed[0, 1] | Compare-MeshiaExperiment | Out-Host

    Write-Step 'Download what they made, and verify it'
    $artifacts = @($completed[0, 1] | Get-MeshiaArtifact)
    $files = @($artifacts | Save-MeshiaArtifact -Destination $Destination -Force)
    $files | Out-Host
    foreach ($file in $files) {
        $announced = ($artifacts | Where-Object Id -EQ $file.ArtifactId).Sha256
        if ((Get-FileHash $file.Path -Algorithm SHA256).Hash -ne $announced) { throw "$($file.Path) is damaged." }
    }
    Write-Host "   $($files.Count) files, every SHA-256 as announced"

    Write-Step 'Register a webhook with a secret made for it; the service pings the address'
    $address = "http://127.0.0.1:$(Get-Random -Minimum 20000 -Maximum 30000)/hook"
    $webhook = Register-MeshiaWebhook -Uri $address -Event session.stopped -GenerateSecret
    $webhook | Out-Host

    Write-Step 'Stop the session, which is what ends its cost, and receive the signed event'
    $events = Receive-MeshiaWebhook -Uri $address -Secret $webhook.Secret -EventType ping, session.stopped -Count 2 -TimeoutSeconds 60 |
        ForEach-Object {
            $_
            if ($_.EventType -eq 'ping') { $null = $session | Stop-MeshiaSession }
        }
    $events | Out-Host
    if ($events | Where-Object { -not $_.IsVerified }) { throw 'A delivery came whose signature is wrong.' }
    Get-MeshiaSession | Out-Host
    $webhook | Unregister-MeshiaWebhook -Confirm:$false
    Write-Step 'Done'
}
finally {
    $sandbox | Stop-MeshiaSandbox
}
