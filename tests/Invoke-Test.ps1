<#
.SYNOPSIS
    Runs the C# tests and the Pester suite of a build, and prints one total. build.ps1 Test calls it.
.DESCRIPTION
    Each test project and the Pester suite is a process of its own. Three run at the same time: they wait for other processes most of the time.
#>
#requires -Version 7
[CmdletBinding()]
param(
    [string] $Configuration = 'Debug',
    [string] $Filter,
    [string] $PesterVersion = '6.2.0',
    # Only the runs whose name matches this wildcard pattern, as in Pester or Meshia.Client.Tests.
    [string] $Only = '*',
    # A process that takes longer is ended, and counts as a failure.
    [int] $TimeoutMinutes = 30
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$results = New-Item -ItemType Directory -Force (Join-Path $root out/tests)
Get-ChildItem $results | Remove-Item -Recurse -Force
# The tests that failed, of all runs. .ci/run ends with it.
$failures = Join-Path $results failures.txt
$packages = (dotnet nuget locals global-packages --list) -replace '^[^:]+:\s*'
$version = (Get-Content $root/.config/dotnet-tools.json -Raw | ConvertFrom-Json).tools.powershell.version
$pwsh = Join-Path $root "out/pwsh-$version/pwsh.dll"
$pester = Join-Path $packages "pester/$PesterVersion/tools/Pester.psd1"

# What is to run: a name, the arguments of dotnet or another program, and the environment. The two longest come first.
$filterArguments = if ($Filter) { '-method', $Filter }
$runs = [System.Collections.Generic.Queue[object]]::new()
function Add-Run([string] $Name, [string[]] $Arguments, [hashtable] $Environment = @{}, [string] $Program = 'dotnet') {
    if ($Name -like $Only) { $runs.Enqueue(@{ Name = $Name; Program = $Program; Arguments = $Arguments; Environment = $Environment; Result = Join-Path $results "$Name.xml"; Log = Join-Path $results "$Name.log" }) }
}
$projects = Get-ChildItem $PSScriptRoot/*/*.Tests.csproj | Sort-Object { $_.BaseName -ne 'Meshia.PowerShell.Tests' }, BaseName
Add-Run Pester @('exec', $pwsh, '-NoProfile', '-NonInteractive', '-File', "$PSScriptRoot/Pester/Invoke-Suite.ps1", '-Pester', $pester, '-ResultPath', (Join-Path $results Pester.xml), '-Filter', $Filter)
foreach ($project in $projects) {
    $library = Join-Path $project.DirectoryName "bin/$Configuration/net10.0/$($project.BaseName).dll"
    $arguments = @('exec', $library, '-noColor') + $filterArguments
    # It takes the longest, and its tests wait for other processes most of the time: two for each processor.
    if ($project.BaseName -eq 'Meshia.PowerShell.Tests') { $arguments += '-maxThreads', '2x' }
    Add-Run $project.BaseName ($arguments + @('-xml', (Join-Path $results "$($project.BaseName).xml")))
}
# PowerShell for Windows, on Wine. On Windows itself these tests are part of the Pester suite.
if ($IsLinux) { Add-Run Windows @("$PSScriptRoot/Windows/run.sh", $pester, (Join-Path $results Windows.xml), $Filter) -Program bash }
# Another calendar, other digits, a comma for the decimal point: what depends on the culture runs in these too.
if ($IsLinux) {
    foreach ($culture in 'ar_SA', 'tr_TR') {
        foreach ($project in $projects | Where-Object BaseName -NotIn Chaos.Tests, Meshia.Reports.Tests) {
            # The longest of them runs in one other culture, to keep the whole within its time.
            if ($culture -eq 'tr_TR' -and $project.BaseName -eq 'Meshia.PowerShell.Tests') { continue }
            $library = Join-Path $project.DirectoryName "bin/$Configuration/net10.0/$($project.BaseName).dll"
            $name = "$($project.BaseName) in $culture"
            Add-Run $name (@('exec', $library, '-noColor', '-trait', 'Culture=Dependent') + $filterArguments + @('-xml', (Join-Path $results "$name.xml"))) @{ LC_ALL = "$culture.UTF-8" }
        }
    }
}

function Start-Run($Run) {
    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-Command $Run.Program -CommandType Application)[0].Source)
    foreach ($argument in $Run.Arguments) { $start.ArgumentList.Add($argument) }
    foreach ($name in $Run.Environment.Keys) { $start.Environment[$name] = $Run.Environment[$name] }
    $start.Environment['NO_COLOR'] = '1'
    # Most of the processes are short: they end before measuring their own code pays.
    $start.Environment['DOTNET_TieredPGO'] = '0'
    $start.WorkingDirectory = $root
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $Run.Process = [System.Diagnostics.Process]::Start($start)
    $Run.Process.StandardInput.Close()
    $Run.Output = $Run.Process.StandardOutput.ReadToEndAsync()
    $Run.Error = $Run.Process.StandardError.ReadToEndAsync()
    $Run.Watch = [System.Diagnostics.Stopwatch]::StartNew()
    Write-Host "   started  $($Run.Name)"
}

# The counts of a result file, in the format of xUnit or of NUnit, which Pester writes.
function Read-Result($Run) {
    $total = @{ Name = $Run.Name; Passed = 0; Failed = 0; Skipped = 0; Seconds = [int] $Run.Watch.Elapsed.TotalSeconds }
    if (Test-Path -LiteralPath $Run.Result) {
        $document = [xml] (Get-Content -LiteralPath $Run.Result -Raw)
        if ($document.assemblies) {
            foreach ($assembly in $document.assemblies.assembly) {
                $total.Passed += [int] $assembly.passed
                $total.Failed += [int] $assembly.failed + [int] $assembly.errors
                $total.Skipped += [int] $assembly.skipped
                $assembly.SelectNodes(".//test[@result='Fail'] | .//error") | ForEach-Object { Add-Failure $Run $_ }
            }
        }
        else {
            $cases = $document.SelectNodes('//test-case')
            $total.Passed = @($cases | Where-Object result -EQ Success).Count
            $total.Skipped = @($cases | Where-Object result -In Ignored, Skipped, Inconclusive).Count
            $total.Failed = $cases.Count - $total.Passed - $total.Skipped
            $cases | Where-Object result -NotIn Success, Ignored, Skipped, Inconclusive | ForEach-Object { Add-Failure $Run $_ }
        }
    }
    # It crashed, or was ended, or failed outside of a test.
    if ($Run.Process.ExitCode -ne 0 -and $total.Failed -eq 0) {
        $total.Failed = 1
        Add-Content -LiteralPath $failures "$($Run.Name): the exit code is $($Run.Process.ExitCode)."
    }
    [pscustomobject] $total
}

# One test that failed, with what it said.
function Add-Failure($Run, $Test) {
    $message = "$($Test.SelectSingleNode('failure/message').InnerText)".Trim()
    Add-Content -LiteralPath $failures "$($Run.Name): $($Test.GetAttribute('name'))", ($message -replace '(?m)^', '    ')
}

Write-Host "`n== Tests" -ForegroundColor Cyan
$running = [System.Collections.Generic.List[object]]::new()
$lastSign = [System.Diagnostics.Stopwatch]::StartNew()
$totals = @(
    while ($runs.Count -or $running.Count) {
        while ($runs.Count -and $running.Count -lt 3) {
            $run = $runs.Dequeue()
            Start-Run $run
            $running.Add($run)
        }
        Start-Sleep -Milliseconds 200
        foreach ($run in @($running)) {
            if (-not $run.Process.HasExited -and $run.Watch.Elapsed.TotalMinutes -gt $TimeoutMinutes) {
                Write-Host "   $($run.Name) takes more than $TimeoutMinutes minutes. It is ended."
                $run.Process.Kill($true)
                $run.Process.WaitForExit()
            }
            if (-not $run.Process.HasExited) { continue }
            $null = $running.Remove($run)
            $text = $run.Output.Result + $run.Error.Result
            Set-Content -LiteralPath $run.Log -Value $text
            $total = Read-Result $run
            Write-Host ('   ended    {0}: {1} passed, {2} failed, {3} skipped, {4} s' -f $total.Name, $total.Passed, $total.Failed, $total.Skipped, $total.Seconds)
            if ($total.Failed) { Write-Host $text }
            else { $text -split '\r?\n' | Select-String -CaseSensitive -Pattern '\[SKIP\]|: skipped|\(skipped: ' -Context 0, 1 | ForEach-Object { Write-Host "            $($_.Line.Trim()) $($_.Context.PostContext | ForEach-Object Trim)" } }
            $total
        }
        if ($lastSign.Elapsed.TotalSeconds -ge 30 -and $running.Count) {
            Write-Host "   running  $(($running | ForEach-Object { "$($_.Name) ($([int] $_.Watch.Elapsed.TotalSeconds) s)" }) -join ', ')"
            $lastSign.Restart()
        }
    }
)

$passed, $failed, $skipped = 'Passed', 'Failed', 'Skipped' | ForEach-Object { ($totals | Measure-Object $_ -Sum).Sum }
$totals | Format-Table Name, Passed, Failed, Skipped, Seconds | Out-Host
Write-Host "Tests: $passed passed, $failed failed, $skipped skipped"
if ($failed) { throw "$failed tests failed. The logs are in out/tests." }
if (-not $passed) { throw "No test matches '$Filter'." }
