function Select-MeshiaSandbox {
    <#
    .SYNOPSIS
        Chooses the sandbox that the other commands of this module talk to.
    .DESCRIPTION
        Takes what Start-MeshiaSandbox returns, or the address and the key of a sandbox that runs elsewhere. The choice is for this session.
    .PARAMETER Sandbox
        What Start-MeshiaSandbox returns.
    .PARAMETER BaseUri
        The address of a sandbox; its path does not count.
    .PARAMETER ApiKey
        The key that the sandbox was started with.
    .EXAMPLE
        Start-MeshiaSandbox -Connect | Select-MeshiaSandbox
        Chooses the sandbox that has just been started.
    .EXAMPLE
        Select-MeshiaSandbox -BaseUri http://127.0.0.1:8080 -ApiKey (Read-Host -AsSecureString)
        Chooses a sandbox that another process started.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Sandbox')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, ValueFromPipeline, Position = 0, ParameterSetName = 'Sandbox')]
        [ValidateNotNull()]
        [psobject] $Sandbox,

        [Parameter(Mandatory, ParameterSetName = 'Address')]
        [uri] $BaseUri,

        [Parameter(Mandatory, ParameterSetName = 'Address')]
        [securestring] $ApiKey
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'Sandbox') {
            if (-not ($Sandbox.PSObject.Properties['BaseUri'] -and $Sandbox.PSObject.Methods['GetApiKey'])) {
                $exception = [System.ArgumentException]::new('-Sandbox must be what Start-MeshiaSandbox returns.', 'Sandbox')
                $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'NotASandbox', 'InvalidArgument', $Sandbox))
            }
            $BaseUri, $ApiKey = $Sandbox.BaseUri, $Sandbox.GetApiKey()
        }
        if (-not $BaseUri.IsAbsoluteUri -or $BaseUri.Scheme -notin 'http', 'https' -or ($BaseUri.Scheme -eq 'http' -and -not $BaseUri.IsLoopback)) {
            $exception = [System.ArgumentException]::new('-BaseUri must be an https address; http is accepted only on loopback.', 'BaseUri')
            $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'InvalidBaseUri', 'InvalidArgument', $BaseUri))
        }
        $script:selected = @{ Uri = [uri]::new($BaseUri, '/'); Key = $ApiKey }
    }
}
