function Reset-MeshiaSandbox {
    <#
    .SYNOPSIS
        Makes the sandbox what it was at its start, without data.
    .DESCRIPTION
        Sessions, experiments, artifacts, webhooks, added keys, faults, the journal and moves of the clock are gone. With a seed, ids begin again.
    .EXAMPLE
        BeforeEach { Reset-MeshiaSandbox -Confirm:$false }
        Gives each Pester test an empty sandbox.
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType([void])]
    param()

    if ($PSCmdlet.ShouldProcess('the sandbox', 'Reset')) { $null = Invoke-SandboxRequest $PSCmdlet POST reset }
}
