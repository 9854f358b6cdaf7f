function Send-MeshiaSandboxEvent {
    <#
    .SYNOPSIS
        Sends an event to the webhooks that want it, or tells the sandbox that somebody uses a session.
    .PARAMETER Name
        The event. session.activity is told to nobody: it keeps the session of -SessionId from its idle stop.
    .PARAMETER SessionId
        The session that the event is about.
    .PARAMETER Data
        What the event says.
    .EXAMPLE
        Send-MeshiaSandboxEvent plan.completed -Data @{ plan_id = 'plan_1' }
        Sends an event that nothing in the sandbox makes by itself.
    .EXAMPLE
        Send-MeshiaSandboxEvent session.activity -SessionId $session.Id
        Keeps a session busy.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateSet('session.started', 'session.stopped', 'experiment.completed', 'experiment.failed', 'plan.completed', 'plan.needs_input',
            'workflow.completed', 'workflow.failed', 'session.activity')]
        [string] $Name,

        [Parameter(ValueFromPipelineByPropertyName)] [Alias('Id')] [ValidateNotNullOrEmpty()] [string] $SessionId,
        [ValidateNotNull()] [System.Collections.IDictionary] $Data
    )

    process {
        if (-not $PSCmdlet.ShouldProcess($Name, 'Send')) { return }
        if ($Name -eq 'session.activity') {
            if (-not $SessionId) {
                $exception = [System.ArgumentException]::new('-SessionId must name the session that is used.', 'SessionId')
                $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'NoSession', 'InvalidArgument', $Name))
            }
            $null = Invoke-SandboxRequest $PSCmdlet POST "sessions/$([uri]::EscapeDataString($SessionId))/activity"
            return
        }
        $body = @{ event = $Name }
        if ($SessionId) { $body.session_id = $SessionId }
        if ($Data) { $body.data = $Data }
        $null = Invoke-SandboxRequest $PSCmdlet POST events $body
    }
}
