function Step-MeshiaSandbox {
    <#
    .SYNOPSIS
        Moves the clock of the sandbox.
    .DESCRIPTION
        The clock goes from one event to the next: sessions change at their times, and webhooks are delivered before it goes on. It never goes back.
    .PARAMETER Seconds
        By how many seconds.
    .PARAMETER Hours
        By how many hours.
    .PARAMETER To
        To this time.
    .PARAMETER UntilIdle
        Until nothing is due any more: sessions have stopped, and deliveries have ended.
    .EXAMPLE
        Step-MeshiaSandbox -Hours 72
        Three days later every session has ended.
    .EXAMPLE
        Step-MeshiaSandbox -UntilIdle
        Lets everything happen that is going to.
    .OUTPUTS
        Meshia.Sandbox.Clock
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Meshia.Sandbox.Clock')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Seconds')] [ValidateRange(0, 31622400)] [double] $Seconds,
        [Parameter(Mandatory, ParameterSetName = 'Hours')] [ValidateRange(0, 8784)] [double] $Hours,
        [Parameter(Mandatory, ParameterSetName = 'To')] [datetimeoffset] $To,
        [Parameter(Mandatory, ParameterSetName = 'UntilIdle')] [switch] $UntilIdle
    )

    $step = switch ($PSCmdlet.ParameterSetName) {
        Seconds { @{ seconds = $Seconds } }
        Hours { @{ seconds = $Hours * 3600 } }
        To { @{ to = $To.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [cultureinfo]::InvariantCulture) } }
        UntilIdle { @{ until_idle = $true } }
    }
    if ($PSCmdlet.ShouldProcess('the clock of the sandbox', 'Step')) {
        Invoke-SandboxRequest $PSCmdlet POST clock/step $step | ConvertTo-SandboxObject Meshia.Sandbox.Clock
    }
}
