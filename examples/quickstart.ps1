<#
.SYNOPSIS
    The whole life of a GPU session, against a sandbox that this script starts itself: no account, no network, no bill.
.DESCRIPTION
    Against the real service the same lines work: leave out Start-MeshiaSandbox, and set MESHIA_API_KEY.
    Files go to ./out/quickstart.
#>
[CmdletBinding()]
param(
    [string] $Destination = "$PSScriptRoot/../out/quickstart"
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Command Get-MeshiaSession -ErrorAction Ignore)) { Import-Module "$PSScriptRoot/../out/Meshia" }

function Step([string] $Text) { "`n$($PSStyle.Foreground.BrightCyan)== $Text$($PSStyle.Reset)" | Out-Host }
function Say([string] $Text) { "   $Text" | Out-Host }

# A receiver of webhooks, as small as one can be. It takes one delivery and gives its event, if its signature is right.
function Receive-Delivery([System.Net.HttpListener] $Listener, [string] $Secret) {
    $waiting = $Listener.GetContextAsync()
    while (-not $waiting.Wait(100)) { }
    $request = $waiting.Result.Request
    $body = [System.IO.MemoryStream]::new()
    $request.InputStream.CopyTo($body)
    $hmac = [System.Security.Cryptography.HMACSHA256]::new([System.Text.Encoding]::UTF8.GetBytes($Secret))
    $expected = 'sha256=' + [System.Convert]::ToHexString($hmac.ComputeHash($body.ToArray())).ToLowerInvariant()
    $given = [string] $request.Headers['X-Meshia-Signature']
    $isRight = [System.Security.Cryptography.CryptographicOperations]::FixedTimeEquals(
        [System.Text.Encoding]::UTF8.GetBytes($expected), [System.Text.Encoding]::UTF8.GetBytes($given))
    $waiting.Result.Response.StatusCode = if ($isRight) { 204 } else { 401 }
    $waiting.Result.Response.Close()
    if (-not $isRight) { throw 'A delivery came whose signature is wrong.' }
    Say "$($PSStyle.Foreground.BrightGreen)$($given.Substring(0, 23))...$($PSStyle.Reset)  signature right"
    Say ([System.Text.Encoding]::UTF8.GetString($body.ToArray()))
}

Step 'Start a sandbox and connect to it'
$sandbox = Start-MeshiaSandbox -Connect -Seed 42 -ProvisioningSeconds 1 -ExperimentSeconds 1
$listener = $null
try {
    Get-MeshiaConnection | Out-Host

    Step 'Create a session and wait until its pod runs'
    $session = New-MeshiaSession -Name llama-finetune -Gpu rtx4090 -Repo github:meshia/llama -Wait
    Get-MeshiaSession | Out-Host

    Step 'Read its experiments, until two have completed'
    do {
        [System.Threading.Thread]::Sleep(500)
        $completed = @($session | Get-MeshiaExperiment -Status completed)
    } while ($completed.Count -lt 2)
    $session | Get-MeshiaExperiment | Out-Host

    Step 'Compare the two'
    $comparison = $completed[0, 1] | Compare-MeshiaExperiment
    $comparison.ConfigDifferences | Out-Host
    $comparison.MetricSummaries | Out-Host

    Step 'Download what they made, and verify it'
    $artifacts = @($completed[0, 1] | Get-MeshiaArtifact)
    $files = @($artifacts | Save-MeshiaArtifact -Destination $Destination -Force)
    $files | Out-Host
    foreach ($file in $files) {
        $announced = $artifacts.Where({ $_.Id -eq $file.ArtifactId })[0].Sha256
        $onDisk = [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($file.Path)))
        if ($onDisk -ne $announced) { throw "$($file.Path) is damaged." }
    }
    Say "$($files.Count) files, every SHA-256 as announced"

    Step 'Register a webhook; the service pings it at once'
    $secret = 'quickstart-signing-secret'
    $probe = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $address = "http://localhost:$($probe.LocalEndpoint.Port)/hook/"
    $probe.Stop()
    $listener = [System.Net.HttpListener]::new()
    $listener.Prefixes.Add($address)
    $listener.Start()
    $webhook = Register-MeshiaWebhook -Uri $address -Event session.stopped -Secret $secret
    $webhook | Out-Host
    Receive-Delivery $listener $secret

    Step 'Stop the session, which is what ends its cost, and hear of it'
    $session | Stop-MeshiaSession
    Receive-Delivery $listener $secret
    Get-MeshiaSession | Out-Host
    $webhook | Unregister-MeshiaWebhook -Confirm:$false
    Step 'Done'
}
finally {
    if ($listener) { $listener.Close() }
    $sandbox | Stop-MeshiaSandbox
}
