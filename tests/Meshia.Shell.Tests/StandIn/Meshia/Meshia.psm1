function Get-Thing {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name)
    [pscustomobject]@{ PSTypeName = 'Meshia.Thing'; Name = $Name; State = 'running' }
}

function Remove-Thing {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Name)
    if ($PSCmdlet.ShouldProcess($Name)) { "removed $Name" }
}

function Write-Everything {
    [CmdletBinding()]
    param()
    $PSCmdlet.WriteWarning('a warning')
    $PSCmdlet.WriteVerbose('a detail')
    $PSCmdlet.WriteInformation('some information', [string[]] @())
    $progress = [System.Management.Automation.ProgressRecord]::new(1, 'Working', 'halfway')
    $progress.PercentComplete = 50
    $PSCmdlet.WriteProgress($progress)
    $failure = [System.InvalidOperationException]::new('a failure')
    $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new($failure, 'Failure', 'NotSpecified', $null))
    'an object'
}
