<#
.SYNOPSIS
Times what is done with 100 experiments in one shell, in turns: fetching, comparing, showing and exporting them. Times go
to standard error, in milliseconds, since standard output is what is shown.
#>
param([string] $BaseUri, [string] $SessionId, [string] $Folder, [int] $Rounds)

function Measure-Step([string] $Name, [scriptblock] $Step) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = & $Step
    [Console]::Error.WriteLine("$Name $($watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))")
    $result
}

$null = Connect-Meshia -BaseUri $BaseUri
$ids = foreach ($number in 0..99) { "exp_{0:x16}" -f $number }
# The cmdlets keep to 60 requests a minute; with a hundred of them there would be nothing but waiting to measure.
$client = [Meshia.MeshiaClient]::new([Meshia.ApiKey]::new($env:MESHIA_API_KEY), [Meshia.MeshiaClientOptions] @{ BaseUri = $BaseUri; RequestsPerMinute = 1000000 })
$http = [Net.Http.HttpClient]::new()
$http.DefaultRequestHeaders.Add('Authorization', "Bearer $env:MESHIA_API_KEY")
foreach ($round in 1..$Rounds) {
    Measure-Step 'fetch' { foreach ($id in $ids) { $null = $client.GetExperimentAsync($id, [Threading.CancellationToken]::None).GetAwaiter().GetResult() } }
    $null = Measure-Step 'list' { Get-MeshiaExperiment -SessionId $SessionId }
    Measure-Step 'answer' {
        $body = [Net.Http.StringContent]::new("{""experiment_ids"":[""$($ids -join '","')""]}", [Text.Encoding]::UTF8, 'application/json')
        $null = $http.PostAsync("$BaseUri/experiments/compare", $body).GetAwaiter().GetResult().Content.ReadAsByteArrayAsync().GetAwaiter().GetResult()
    }
    $comparison = Measure-Step 'compare' { Compare-MeshiaExperiment -Id $ids }
    $null = Measure-Step 'draw' { [Meshia.PowerShell.ComparisonTable]::Draw($comparison, $Host, $null) }
    Measure-Step 'show' { $comparison | Out-Default }
    foreach ($format in 'html', 'md', 'csv', 'json') {
        Measure-Step $format { $comparison | Export-MeshiaComparison -Path "$Folder/comparison.$format" -Force }
    }
}
