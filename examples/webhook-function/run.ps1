# An Azure Function that a Meshia webhook calls: it starts a pipeline of Azure DevOps for each experiment that completes.
# Application settings: MESHIA_WEBHOOK_SECRET, DEVOPS_PIPELINE (https://dev.azure.com/<organization>/<project>/_apis/pipelines/<id>)
# and DEVOPS_TOKEN (a personal access token that may run builds).
param($Request)

try {
    $meshiaEvent = $Request | ConvertFrom-MeshiaWebhook -Secret $env:MESHIA_WEBHOOK_SECRET -ErrorAction Stop
} catch {
    Push-OutputBinding -Name Response -Value @{ StatusCode = 401; Body = 'The signature is not right.' }
    return
}

# Answered 5xx where this fails: then the service sends the event again.
$status = 200
if ($meshiaEvent -is [Meshia.ExperimentCompletedEvent]) {
    try {
        $token = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes(":$env:DEVOPS_TOKEN"))
        $run = @{ templateParameters = @{ experiment = $meshiaEvent.ExperimentId } } | ConvertTo-Json
        $null = Invoke-RestMethod "$env:DEVOPS_PIPELINE/runs?api-version=7.1" -Method Post -Body $run -ContentType application/json -Headers @{ Authorization = "Basic $token" }
    } catch {
        $status = 502
    }
}
Push-OutputBinding -Name Response -Value @{ StatusCode = $status }
