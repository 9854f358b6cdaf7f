<#
.SYNOPSIS
    The gate of a pipeline: tests experiments against a baseline, and shows the result on the pull request and on the page of the run.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY. A comment on the pull request needs a token too: GITHUB_TOKEN, or
    SYSTEM_ACCESSTOKEN in Azure DevOps. Outside of a pipeline the result is added to ./meshia-gate.md.

    Exit codes: 0 = every rule passed. 1 = a rule failed. 2 = no rule failed, but not everything could be judged.
.EXAMPLE
    ./gate.ps1 -Baseline exp_a -ExperimentId exp_b, exp_c -Metric loss, 'val/*' -MaxRegression 2%
#>
[CmdletBinding()]
param(
    [string] $Baseline,

    # Ids, also several in one text, with commas or spaces between them.
    [string[]] $ExperimentId,

    # Names of metrics, with wildcards.
    [string[]] $Metric = 'loss',

    # How much worse than the baseline's they may be: a share, or an amount as in 0.01.
    [string] $MaxRegression = '2%',

    # There is one comment for each title, which the next run updates.
    [string] $Title = 'Gate',

    # A file for the summary, in place of the one that the pipeline names.
    [string] $SummaryPath = $(if (-not ($env:GITHUB_ACTIONS -or $env:TF_BUILD)) { './meshia-gate.md' })
)

$ErrorActionPreference = 'Stop'
$tests, $comparison, $problems = @(), @(), @()
try {
    $ids = @($ExperimentId -split '[\s,]+' -ne '')
    $tests = @(Test-MeshiaExperiment -Id $ids -Baseline $Baseline -Metric $Metric -MaxRegression $MaxRegression -ErrorAction Continue -ErrorVariable problems)
    $comparison = @(Compare-MeshiaExperiment -Id (@($Baseline) + $ids) -Baseline $Baseline -ErrorAction Continue)
}
catch {
    Write-Error -ErrorRecord $_ -ErrorAction Continue
    $problems = @($_)
}

# What cannot be published changes nothing about the rules.
$place = if ($SummaryPath) { @{ SummaryPath = $SummaryPath } } else { @{} }
try { $tests + $problems + $comparison | Publish-MeshiaComparison -Title $Title @place -ErrorAction Continue | Out-Host }
catch { Write-Error -ErrorRecord $_ -ErrorAction Continue }

$tests
exit $(if ($tests | Where-Object { -not $_.Passed }) { 1 } elseif ($problems -or -not $tests) { 2 } else { 0 })
