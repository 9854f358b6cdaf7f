function Add-MeshiaSandboxFault {
    <#
    .SYNOPSIS
        Lets something go wrong in the sandbox.
    .DESCRIPTION
        A fault says on what it hits, with which effect, and how often. Whether it hits is decided by the seed, the fault and the number of the match, so
        other requests beside it change nothing. The answer names the fault in the header X-Meshia-Sandbox-Fault.
    .PARAMETER On
        A request, such as 'POST /sessions', 'GET *' or '*'; or session, storage or webhook, with a name such as 'session llama-*'.
    .PARAMETER Effect
        What happens.
    .PARAMETER Status
        The status of an error.
    .PARAMETER RetryAfter
        Seconds, or one of Date, Past, Zero, Negative, Fraction, Long, Invalid and None.
    .PARAMETER Seconds
        How long it lasts or lags.
    .PARAMETER Flap
        For a list that lags: how likely an item is missing from one look, from 0 to 1.
    .PARAMETER Body
        The body of an error.
    .PARAMETER Probability
        From 0, never, to 1, always.
    .PARAMETER Skip
        How many matches are spared first.
    .PARAMETER Count
        How often it hits at most.
    .PARAMETER Seed
        Another seed hits other requests.
    .EXAMPLE
        Add-MeshiaSandboxFault 'POST /sessions' CutAfter -Count 1
        The next session is created, and its answer is lost.
    .EXAMPLE
        Add-MeshiaSandboxFault 'GET *' Status -Status 503 -Probability 0.2 -Seed 7
        A fifth of the reads fails.
    .EXAMPLE
        Add-MeshiaSandboxFault session FailToStart
        No session starts.
    .OUTPUTS
        Meshia.Sandbox.Fault
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Meshia.Sandbox.Fault')]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $On,

        [Parameter(Mandatory, Position = 1)]
        [ValidateSet('CutAfter', 'StatusAfter', 'LandLate', 'CutBefore', 'Status', 'Throttle', 'Html', 'RevokeKey', 'Empty', 'Malformed', 'CutBody', 'Stall',
            'Trickle', 'Corrupt', 'IgnoreRange', 'Expire', 'Delay', 'Lag', 'BareNaN', 'Vary', 'FailToStart', 'StayProvisioning', 'NoCapacity', 'Die',
            'HangStopping', 'Duplicate', 'Reorder', 'Lose', 'BadSignature')]
        [string] $Effect,

        [ValidateRange(200, 599)] [int] $Status,
        [ValidateNotNullOrEmpty()] [string] $RetryAfter,
        [ValidateRange(0, 1000000)] [double] $Seconds,
        [ValidateRange(0.0, 1.0)] [double] $Flap,
        [ValidateSet('json', 'html', 'text', 'empty')] [string] $Body,
        [ValidateRange(0.0, 1.0)] [double] $Probability,
        [ValidateRange(0, [long]::MaxValue)] [long] $Skip,
        [ValidateRange(0, [long]::MaxValue)] [long] $Count,
        [long] $Seed
    )

    $fault = @{}
    $names = @{ On = 'on'; Effect = 'effect'; Status = 'status'; RetryAfter = 'retry_after'; Seconds = 'seconds'; Flap = 'flap'; Body = 'body'; Probability = 'probability'; Skip = 'skip'; Count = 'count'; Seed = 'seed' }
    foreach ($name in $names.Keys) {
        if ($PSBoundParameters.ContainsKey($name)) { $fault[$names[$name]] = $PSBoundParameters[$name] }
    }
    if ($PSCmdlet.ShouldProcess($On, "Add the fault $Effect")) {
        Invoke-SandboxRequest $PSCmdlet POST faults $fault | ConvertTo-SandboxObject Meshia.Sandbox.Fault
    }
}
