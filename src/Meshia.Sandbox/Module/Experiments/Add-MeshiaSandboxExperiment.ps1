function Add-MeshiaSandboxExperiment {
    <#
    .SYNOPSIS
        Adds an experiment with a config, metrics, history, artifacts and end of its own.
    .PARAMETER SessionId
        The session that it belongs to.
    .PARAMETER Name
        Its name.
    .PARAMETER Status
        Its state. A queued or running one keeps the session busy and ends after -DurationSeconds.
    .PARAMETER Config
        Its config.
    .PARAMETER Metrics
        Its metrics.
    .PARAMETER History
        Metrics over time: arrays by the name of the metric.
    .PARAMETER Artifact
        What it leaves behind: hashtables with name, and either text or size_bytes.
    .PARAMETER DurationSeconds
        How long it runs, or ran.
    .PARAMETER ErrorMessage
        Why it fails.
    .EXAMPLE
        Add-MeshiaSandboxExperiment $session.Id -Metrics @{ loss = 0.25 } -History @{ loss = 0.9, 0.5, 0.25 }
        Adds a completed experiment.
    .EXAMPLE
        Add-MeshiaSandboxExperiment $session.Id -Status running -DurationSeconds 7200
        Keeps a session busy for two hours.
    .OUTPUTS
        Meshia.Sandbox.Experiment
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Meshia.Sandbox.Experiment')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)] [Alias('Id')] [ValidateNotNullOrEmpty()] [string] $SessionId,
        [ValidateNotNullOrEmpty()] [string] $Name,
        [ValidateSet('queued', 'running', 'completed', 'failed')] [string] $Status,
        [ValidateNotNull()] [System.Collections.IDictionary] $Config,
        [ValidateNotNull()] [System.Collections.IDictionary] $Metrics,
        [ValidateNotNull()] [System.Collections.IDictionary] $History,
        [ValidateNotNull()] [System.Collections.IDictionary[]] $Artifact,
        [ValidateRange(0, 1000000)] [double] $DurationSeconds,
        [ValidateNotNullOrEmpty()] [string] $ErrorMessage
    )

    process {
        $experiment = @{ session_id = $SessionId }
        $names = @{ Name = 'name'; Status = 'status'; Config = 'config'; Metrics = 'metrics'; History = 'history'; Artifact = 'artifacts'; DurationSeconds = 'duration_seconds'; ErrorMessage = 'error' }
        foreach ($parameter in $names.Keys) {
            if ($PSBoundParameters.ContainsKey($parameter)) { $experiment[$names[$parameter]] = $PSBoundParameters[$parameter] }
        }
        if ($PSCmdlet.ShouldProcess($SessionId, 'Add an experiment')) {
            Invoke-SandboxRequest $PSCmdlet POST experiments $experiment | ConvertTo-SandboxObject Meshia.Sandbox.Experiment
        }
    }
}
