function Import-MeshiaSandboxState {
    <#
    .SYNOPSIS
        Puts an exported state in place of that of the sandbox.
    .PARAMETER Path
        The file that Export-MeshiaSandboxState wrote.
    .EXAMPLE
        Import-MeshiaSandboxState ./state.json
        Goes on where the state was exported. Where the file cannot be read, nothing changes.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param([Parameter(Mandatory, Position = 0)] [ValidateNotNullOrEmpty()] [string] $Path)

    $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if ($PSCmdlet.ShouldProcess('the sandbox', "Import the state in $file")) {
        $null = Invoke-SandboxRequest $PSCmdlet PUT state ([System.IO.File]::ReadAllText($file)) -Raw
    }
}
