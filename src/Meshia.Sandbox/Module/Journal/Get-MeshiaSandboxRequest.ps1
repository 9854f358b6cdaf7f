function Get-MeshiaSandboxRequest {
    <#
    .SYNOPSIS
        Gets the requests that the sandbox was sent, with their answers.
    .PARAMETER Method
        Only requests of this method.
    .PARAMETER Path
        Only requests of this path, such as /sessions or /sessions/{id}. A * stands for anything.
    .EXAMPLE
        Get-MeshiaSandboxRequest -Method POST -Path /sessions | Should -HaveCount 1
        Asserts, in Pester, that one session was asked for.
    .OUTPUTS
        Meshia.Sandbox.Request
    #>
    [CmdletBinding()]
    [OutputType('Meshia.Sandbox.Request')]
    param(
        [ValidateNotNullOrEmpty()] [string] $Method,
        [ValidatePattern('^[/*]')] [string] $Path
    )

    $query = @(
        if ($Method) { "method=$([uri]::EscapeDataString($Method))" }
        if ($Path) { "path=$([uri]::EscapeDataString($Path))" }
    ) -join '&'
    (Invoke-SandboxRequest $PSCmdlet GET "requests?$query").requests | ConvertTo-SandboxObject Meshia.Sandbox.Request
}
