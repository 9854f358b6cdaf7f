function Get-MeshiaSandboxDelivery {
    <#
    .SYNOPSIS
        Gets the attempts to deliver to webhooks, the newest first.
    .PARAMETER WebhookId
        Only the attempts of this webhook.
    .EXAMPLE
        Get-MeshiaSandboxDelivery | Where-Object Error
        Shows the attempts that failed.
    .OUTPUTS
        Meshia.Sandbox.Delivery
    #>
    [CmdletBinding()]
    [OutputType('Meshia.Sandbox.Delivery')]
    param([Parameter(Position = 0)] [ValidateNotNullOrEmpty()] [string] $WebhookId)

    $query = if ($WebhookId) { "?webhook_id=$([uri]::EscapeDataString($WebhookId))" }
    (Invoke-SandboxRequest $PSCmdlet GET "deliveries$query").deliveries | ConvertTo-SandboxObject Meshia.Sandbox.Delivery
}
