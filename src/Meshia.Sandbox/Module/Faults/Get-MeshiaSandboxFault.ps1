function Get-MeshiaSandboxFault {
    <#
    .SYNOPSIS
        Gets the faults that are set, with their matches and hits.
    .PARAMETER Id
        The id of a fault. Without it, all faults are returned.
    .EXAMPLE
        Get-MeshiaSandboxFault | Select-Object On, Effect, Hits
        Shows how often each fault has hit.
    .OUTPUTS
        Meshia.Sandbox.Fault
    #>
    [CmdletBinding()]
    [OutputType('Meshia.Sandbox.Fault')]
    param([Parameter(Position = 0, ValueFromPipelineByPropertyName)] [ValidateNotNullOrEmpty()] [string] $Id)

    process {
        $answer = if ($Id) { Invoke-SandboxRequest $PSCmdlet GET "faults/$([uri]::EscapeDataString($Id))" } else { (Invoke-SandboxRequest $PSCmdlet GET faults).faults }
        $answer | ConvertTo-SandboxObject Meshia.Sandbox.Fault
    }
}
