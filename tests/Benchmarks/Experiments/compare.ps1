<#
.SYNOPSIS
Times what is done with 100 experiments: fetching, comparing, showing and exporting them. Times go to standard error, in
milliseconds, since standard output is what is shown.
#>
param([string] $BaseUri, [string] $Folder, [int] $Rounds = 15)

$env:MESHIA_API_KEY = 'msh_benchmark'
$null = Connect-Meshia -BaseUri $BaseUri

function Measure-Step([string] $Name, [scriptblock] $Step) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = & $Step
    [Console]::Error.WriteLine("$Name $($watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))")
    $result
}

foreach ($round in 0..$Rounds) {
    $experiments = Measure-Step 'fetch' { Get-MeshiaExperiment -SessionId sess_1 }
    $ids = $experiments.Id
    $null = Measure-Step 'request' { Invoke-MeshiaRequest -Method Post -Path experiments/compare -Body @{ experiment_ids = $ids } }
    $comparison = Measure-Step 'compare' { Compare-MeshiaExperiment -Id $ids }
    Measure-Step 'show' { $comparison | Out-Default }
    foreach ($format in 'html', 'md', 'csv', 'json') {
        Measure-Step $format { $comparison | Export-MeshiaComparison -Path "$Folder/comparison.$format" -Force }
    }
}
