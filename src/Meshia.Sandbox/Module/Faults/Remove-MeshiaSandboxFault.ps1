function Remove-MeshiaSandboxFault {
    <#
    .SYNOPSIS
        Removes a fault, or all.
    .PARAMETER Id
        The id of a fault; what Add-MeshiaSandboxFault and Get-MeshiaSandboxFault return has it.
    .PARAMETER All
        Removes all faults.
    .EXAMPLE
        $fault | Remove-MeshiaSandboxFault
        Removes the fault that Add-MeshiaSandboxFault returned.
    .EXAMPLE
        Remove-MeshiaSandboxFault -All
        Removes all faults.
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Id')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName, ParameterSetName = 'Id')] [ValidateNotNullOrEmpty()] [string] $Id,
        [Parameter(Mandatory, ParameterSetName = 'All')] [switch] $All
    )

    process {
        $target, $path = if ($All) { 'all faults', 'faults' } else { $Id, "faults/$([uri]::EscapeDataString($Id))" }
        if ($PSCmdlet.ShouldProcess($target, 'Remove')) { $null = Invoke-SandboxRequest $PSCmdlet DELETE $path }
    }
}
