<#
.SYNOPSIS
Times what is done with 100 experiments: listing, comparing, showing and exporting them. Times go to standard error, in
milliseconds, since standard output is what is shown.
#>
param([string] $BaseUri, [string] $SessionId, [string] $Folder, [int] $Rounds = 15)

$null = Connect-Meshia -BaseUri $BaseUri

function Measure-Step([string] $Name, [scriptblock] $Step) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = & $Step
    [Console]::Error.WriteLine("$Name $($watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))")
    $result
}

$ids = foreach ($number in 0..99) { "exp_{0:x16}" -f $number }
foreach ($round in 0..$Rounds) {
    $null = Measure-Step 'list' { Get-MeshiaExperiment -SessionId $SessionId }
    $comparison = Measure-Step 'compare' { Compare-MeshiaExperiment -Id $ids }
    Measure-Step 'show' { $comparison | Out-Default }
    foreach ($format in 'html', 'md', 'csv', 'json') {
        Measure-Step $format { $comparison | Export-MeshiaComparison -Path "$Folder/comparison.$format" -Force }
    }
}
