function Clear-MeshiaSandboxRequest {
    <#
    .SYNOPSIS
        Forgets the requests and deliveries of the journal.
    .EXAMPLE
        Clear-MeshiaSandboxRequest
        Empties the journal, for example before the part of a test that is to be asserted on.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param()

    if ($PSCmdlet.ShouldProcess('the journal of the sandbox', 'Clear')) {
        $null = Invoke-SandboxRequest $PSCmdlet DELETE requests
        $null = Invoke-SandboxRequest $PSCmdlet DELETE deliveries
    }
}
