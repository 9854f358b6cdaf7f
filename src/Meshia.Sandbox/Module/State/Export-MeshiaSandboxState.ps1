function Export-MeshiaSandboxState {
    <#
    .SYNOPSIS
        Writes the whole state of the sandbox to a file.
    .DESCRIPTION
        The file is JSON. It holds the secrets of webhooks.
    .PARAMETER Path
        The file. One that exists is replaced.
    .EXAMPLE
        Export-MeshiaSandboxState ./state.json
        Keeps the state for later tests.
    .OUTPUTS
        System.IO.FileInfo
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([System.IO.FileInfo])]
    param([Parameter(Mandatory, Position = 0)] [ValidateNotNullOrEmpty()] [string] $Path)

    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if ($PSCmdlet.ShouldProcess($file, 'Export the state of the sandbox')) {
        $state = Invoke-SandboxRequest $PSCmdlet GET state -Raw
        [System.IO.File]::WriteAllText($file, $state)
        Get-Item -LiteralPath $file
    }
}
