<#
.SYNOPSIS
    A sweep in the night: a session for each repository, their experiments compared with a baseline, and nothing left running.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY. What is as good as the baseline comes out as the results of
    Test-MeshiaExperiment. However it ends, its sessions are stopped.

    Exit codes: 0 = an experiment is as good as the baseline. 1 = none is. 2 = it could not be judged.
.EXAMPLE
    ./nightly-sweep.ps1 -Baseline exp_a -Repo github:user/wide, github:user/deep -ReportPath ./sweep.html
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Baseline,

    # A session is started for each.
    [Parameter(Mandatory)]
    [string[]] $Repo,

    [string] $Gpu = 'rtx4090',

    # How many experiments each session makes.
    [int] $Count = 4,

    [string[]] $Metric = 'loss',

    [string] $MaxRegression = '2%',

    # For everything together.
    [int] $TimeoutSeconds = 6 * 60 * 60,

    [string] $ReportPath = './sweep.html'
)

$ErrorActionPreference = 'Stop'
$end = [DateTime]::UtcNow.AddSeconds($TimeoutSeconds)
function Get-SecondsLeft { [Math]::Max(1, [int] ($end - [DateTime]::UtcNow).TotalSeconds) }

# By this name they are found again, whatever became of the answer to their creation.
$night = "nightly-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
try {
    try {
        $sessions = @(foreach ($number in 1..$Repo.Count) { New-MeshiaSession -Name "$night-$number" -Gpu $Gpu -Repo $Repo[$number - 1] })
        $null = $sessions | Wait-MeshiaSession -Status running -TimeoutSeconds (Get-SecondsLeft)

        do {
            if ([DateTime]::UtcNow -gt $end) { throw "The sessions did not make $Count experiments each in time." }
            Start-Sleep -Seconds 10
            $experiments = @($sessions | Get-MeshiaExperiment)
        } while ($experiments.Count -lt $Count * $sessions.Count)

        # One that fails is an error in the log, and the others go on.
        $completed = @($experiments | Wait-MeshiaExperiment -TimeoutSeconds (Get-SecondsLeft) -ErrorAction Continue | Where-Object { $_.Status -eq 'completed' })
        if (-not $completed) { throw 'No experiment of the sweep completed.' }
    }
    finally {
        Get-MeshiaSession -Name "$night-*" -Status provisioning, running | Stop-MeshiaSession -Confirm:$false
    }

    Compare-MeshiaExperiment -Id (@($Baseline) + $completed.Id) -Baseline $Baseline | Export-MeshiaComparison -Path $ReportPath -Force

    $tests = @($completed | Test-MeshiaExperiment -Baseline $Baseline -Metric $Metric -MaxRegression $MaxRegression)
    $good = @(foreach ($experiment in $completed) {
        $own = @($tests | Where-Object { $_.ExperimentId -eq $experiment.Id })
        if (-not ($own | Where-Object { -not $_.Passed })) { $own }
    })
}
catch {
    Write-Error -ErrorRecord $_ -ErrorAction Continue
    exit 2
}

if (-not $good) {
    Write-Error "None of the $($completed.Count) experiments that completed is as good as $Baseline." -ErrorAction Continue
    exit 1
}

$good
exit 0
