<#
.SYNOPSIS
    The gate of a pipeline: fails where experiments are worse than a baseline, and leaves a summary.
.DESCRIPTION
    Needs the module Meshia, and the key in MESHIA_API_KEY. The summary is Markdown: the rules with what came of them, and the
    comparison. GitHub Actions and Azure DevOps show it on the page of the run.
.EXAMPLE
    ./gate.ps1 -Baseline exp_a -ExperimentId exp_b, exp_c -Metric loss, 'val/*' -MaxRegression 2%
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Baseline,

    [Parameter(Mandatory)]
    [string[]] $ExperimentId,

    # Names of metrics, with wildcards.
    [string[]] $Metric = 'loss',

    # How much worse than the baseline's they may be: a share, or an amount as in 0.01.
    [string] $MaxRegression = '2%',

    # The file that the summary is added to.
    [string] $SummaryPath = $(if ($env:GITHUB_STEP_SUMMARY) { $env:GITHUB_STEP_SUMMARY } elseif ($env:TF_BUILD) { "$env:AGENT_TEMPDIRECTORY/meshia-gate.md" } else { './meshia-gate.md' })
)

$ErrorActionPreference = 'Stop'

# Both platforms take commands from the log. A name that somebody gave to a metric must not become one.
function ConvertTo-LogText([string] $Text) { $Text -replace '[^\w .,:%+<>=()*/|-]', '?' }
function ConvertTo-Code([string] $Text) { '`' + ($Text -replace '[`|\p{Cc}]', ' ') + '`' }

$tests = @(Test-MeshiaExperiment -Id $ExperimentId -Baseline $Baseline -Metric $Metric -MaxRegression $MaxRegression)
$failed = @($tests | Where-Object { -not $_.Passed })

$report = [IO.Path]::Combine([IO.Path]::GetTempPath(), "$([guid]::NewGuid()).md")
try {
    Compare-MeshiaExperiment -Id (@($Baseline) + $ExperimentId) -Baseline $Baseline | Export-MeshiaComparison -Path $report -Title 'Comparison'
    $lines = @(
        "# Gate: $(if ($failed) { "$($failed.Count) of $($tests.Count) rules failed" } else { "all $($tests.Count) rules passed" })"
        ''
        '| experiment | metric | rule | value | baseline | result |'
        '| --- | --- | --- | ---: | ---: | --- |'
        foreach ($test in $tests) {
            "| $(ConvertTo-Code $test.ExperimentId) | $(ConvertTo-Code $test.Metric) | $(ConvertTo-Code $test.Rule) | $($test.Value) | $($test.BaselineValue) | $(if ($test.Passed) { 'passed' } else { ConvertTo-Code $test.Reason }) |"
        }
        ''
        [IO.File]::ReadAllText($report)
        ''
    )
}
finally { [IO.File]::Delete($report) }

$summary = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($SummaryPath)
[IO.File]::AppendAllText($summary, $lines -join "`n")
if ($env:TF_BUILD) { "##vso[task.uploadsummary]$summary" }

foreach ($test in $tests) {
    $text = ConvertTo-LogText "$($test.Metric) of $($test.ExperimentId), $($test.Rule)"
    if ($test.Passed) { "passed: $text" }
    else {
        $text += ConvertTo-LogText ": $($test.Reason)"
        if ($env:GITHUB_ACTIONS) { "::error title=Regression::$text" } elseif ($env:TF_BUILD) { "##vso[task.logissue type=error]$text" } else { "failed: $text" }
    }
}

if ($failed) { throw "$($failed.Count) of $($tests.Count) rules failed." }
