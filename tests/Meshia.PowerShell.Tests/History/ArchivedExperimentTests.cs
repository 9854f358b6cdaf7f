using System.Globalization;
using System.Text.RegularExpressions;
using Meshia.Sandbox;

namespace Meshia.PowerShell.Tests;

public sealed class ArchivedExperimentTests : IDisposable
{
    private const string Json = "Select-Object -ExcludeProperty GoneAt | ConvertTo-Json -Depth 20";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-history-");
    private readonly ModuleSession _session = new();

    private string Archive => Path.Combine(_folder.FullName, "history");

    public void Dispose()
    {
        _session.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_archive_gives_what_the_service_gave()
    {
        var sandbox = await LocalSandbox.StartAsync();
        var first = await sandbox.CreateFinishedSessionAsync("one");
        await sandbox.CreateFinishedSessionAsync("two");
        _session.Connect(sandbox.BaseUri, sandbox.Key);
        _session.Output("Sync-MeshiaExperiment $archive", ("archive", Archive), ("id", first));
        string[] filters = ["", "-SessionId $id", "-Status completed", "-Name *a*", "-Metric loss -Top 3", "-Config @{ 'optimizer.lr' = 0.001 }", "-Since 2020-01-01"];
        var online = filters.Select(filter => Text($"Get-MeshiaExperiment {filter} | {Json}")).ToList();
        Assert.Contains("exp_", online[0], StringComparison.Ordinal);

        await sandbox.DisposeAsync();
        _session.Output("Disconnect-Meshia");

        Assert.Equal(online, filters.Select(filter => Text($"Get-MeshiaExperiment -Path $archive {filter} | {Json}")));
        Assert.Equal(Text($"(Get-MeshiaExperiment -Path $archive)[0] | {Json}"), Text($"Get-MeshiaExperiment -Path $archive -Id (Get-MeshiaExperiment -Path $archive)[0].Id | {Json}"));
    }

    [Fact]
    public async Task The_archive_is_compared_and_tested_as_the_service_does_it()
    {
        var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        _session.Connect(sandbox.BaseUri, sandbox.Key);
        _session.Output("Sync-MeshiaExperiment $archive", ("archive", Archive), ("report", Path.Combine(_folder.FullName, "report.md")));
        string[] uses =
        [
            "Compare-MeshiaExperiment", "Compare-MeshiaExperiment -Baseline $experiments[1] -Metric loss", "Select-Object -First 1 | Test-MeshiaExperiment -Rule @{ loss = '< 100' }",
            "Select-Object -First 1 | Test-MeshiaExperiment -Baseline $experiments[1] -Metric loss", "Select-Object -First 1 | Test-MeshiaExperiment -Baseline $experiments[1].Id.Substring(0) -Metric loss",
        ];
        var online = uses.Select(use => Text($"$experiments = @(Get-MeshiaExperiment -Status completed); $experiments | {use} | Select-Object * -ExcludeProperty Experiments | ConvertTo-Json -Depth 9")).ToList();

        await sandbox.DisposeAsync();
        _session.Output("Disconnect-Meshia");

        Assert.Equal(online, uses.Select(use => Text($"$experiments = @(Get-MeshiaExperiment -Path $archive -Status completed); $experiments | {use} | Select-Object * -ExcludeProperty Experiments | ConvertTo-Json -Depth 9")));
        Assert.NotEmpty(_session.Output("Get-MeshiaExperiment -Path $archive -Status completed | Compare-MeshiaExperiment | Export-MeshiaComparison $report -PassThru"));
    }

    [Theory]
    [InlineData("-Metric loss", "exp_a exp_b exp_c exp_h")]
    [InlineData("-Metric loss -Top 2", "exp_a exp_b")]
    [InlineData("-Metric LOSS -Top 1 -Goal maximize", "exp_h")]
    [InlineData("-Metric acc -Top 1", "exp_b")]
    [InlineData("-Metric odd -Goal Minimize", "exp_a")]
    [InlineData("-Config @{ 'optimizer.lr' = '1e-3' }", "exp_a exp_b")]
    [InlineData("-Config @{ 'optimizer.lr' = 0.01, 0.1 }", "exp_c")]
    [InlineData("-Config @{ 'Optimizer.Name' = 'ADAM*' }", "exp_a exp_b")]
    [InlineData("-Config @{ 'optimizer.lr' = 0.001; 'optimizer.name' = 'adamw' }", "exp_b")]
    [InlineData("-Config @{ 'optimizer.name' = $null }", "exp_c exp_d exp_e exp_f exp_g exp_h")]
    [InlineData("-Config @{ amp = $true }", "exp_a")]
    [InlineData("-Config @{ betas = '[0.9, 0.95]' }", "exp_a")]
    [InlineData("-Since 2026-03-01Z", "exp_c")]
    public async Task Filters_and_ranks_alike_online_and_in_the_archive(string filter, string expected)
    {
        await using var account = await FillAsync();

        Assert.Equal(expected, Text($"(Get-MeshiaExperiment {filter}).Id -join ' '"));
        _session.Output("Disconnect-Meshia");
        Assert.Equal(expected, Text($"(Get-MeshiaExperiment -Path $archive {filter}).Id -join ' '"));
    }

    [Fact]
    public async Task The_goal_that_was_guessed_is_shown()
    {
        await using var account = await FillAsync();
        Assert.Contains("Less of 'loss' is better", string.Join('\n', _session.Invoke("Get-MeshiaExperiment -Path $archive -Metric loss -Verbose").Verbose), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Top 3", "-Metric")]
    [InlineData("-Goal Minimize", "-Metric")]
    [InlineData("-Metric odd", "-Goal")]
    [InlineData("-Config @{ '' = 1 }", "empty key")]
    public async Task An_incomplete_call_is_an_error_that_says_what_is_missing(string filter, string named)
    {
        await using var account = await FillAsync();
        account.TakeRequests();
        foreach (var path in new[] { "-Path $archive", "" })
        {
            var result = _session.Invoke($"Get-MeshiaExperiment {path} {filter}");
            Assert.Empty(result.Output);
            Assert.Contains(named, result.Error.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(account.TakeRequests());
    }

    [Theory]
    [InlineData("-Metric lss", "lss")]
    [InlineData("-Config @{ 'optimizer.rate' = 1 }", "optimizer.rate")]
    public async Task A_mistyped_name_gives_a_warning(string filter, string named)
    {
        await using var account = await FillAsync();
        var result = _session.Invoke($"Get-MeshiaExperiment -Path $archive {filter} {(filter.Contains("lss", StringComparison.Ordinal) ? "-Goal Minimize" : "")}");
        Assert.Empty(result.Output);
        Assert.Contains(named, Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_experiment_is_found_in_the_archive_and_marked()
    {
        await using var account = await FillAsync();
        account.Experiments["sess_1"].RemoveAt(0);
        _session.Output("Sync-MeshiaExperiment $archive");

        Assert.Equal("exp_a", Text("(Get-MeshiaExperiment -Path $archive | Where-Object GoneAt).Id"));
        Assert.Equal("exp_a", Text("(Get-MeshiaExperiment -Path $archive -Top 1 -Metric loss).Id"));
        account.TakeRequests();
        Assert.NotEmpty(_session.Output("Get-MeshiaExperiment -Path $archive -Id exp_a, exp_b | Compare-MeshiaExperiment"));
        Assert.Empty(account.TakeRequests());
    }

    [Fact]
    public async Task What_a_trial_account_loses_after_30_days_is_still_found()
    {
        await using var sandbox = await LocalSandbox.StartAsync(new() { Seed = 7, RateLimit = 100_000, Plan = SandboxPlan.Trial });
        await sandbox.CreateFinishedSessionAsync();
        _session.Connect(sandbox.BaseUri, sandbox.Key);
        _session.Output("Sync-MeshiaExperiment $archive", ("archive", Archive));
        var kept = Text($"Get-MeshiaExperiment | {Json}");
        Assert.Contains("exp_", kept, StringComparison.Ordinal);

        sandbox.Time.Advance(TimeSpan.FromDays(31));

        Assert.Empty(_session.Output("Get-MeshiaExperiment"));
        Assert.Equal("4 0", Text("$result = Sync-MeshiaExperiment $archive; \"$($result.Gone) $($result.Failed)\""));
        Assert.Equal(kept, Text($"Get-MeshiaExperiment -Path $archive | {Json}"));
        Assert.Equal("4", Text("@(Get-MeshiaExperiment -Path $archive | Where-Object GoneAt).Count"));
        Assert.NotEmpty(_session.Output("Get-MeshiaExperiment -Path $archive | Compare-MeshiaExperiment"));
        Assert.Equal("0 4", Text("$result = Sync-MeshiaExperiment $archive; \"$($result.Gone) $($result.Kept)\""));
    }

    [Theory]
    [InlineData("-Id ", "exp_a exp_b exp_c exp_d exp_e exp_f exp_g exp_h")]
    [InlineData("-Id exp_b, *_c", "exp_c")]
    [InlineData("-Name 'run of exp_a", "'run of exp_a'")]
    [InlineData("-SessionId sess_1 -Name *h", "'run of exp_h'")]
    [InlineData("-SessionId ", "sess_1")]
    [InlineData("-Metric o", "odd")]
    public async Task Completion_comes_from_the_archive_without_a_request(string typed, string expected)
    {
        await using var account = await FillAsync();
        account.TakeRequests();

        var line = $"Get-MeshiaExperiment -Path $archive {typed}";
        var found = _session.Output($"Set-Location (Split-Path $archive); foreach ($path in $archive, './history') {{ $line = $typed.Replace('$archive', \"'$path'\"); (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText -join ' ' }}", ("typed", line));

        Assert.Equal([expected, expected], found.Select(item => item.ToString()));
        Assert.Empty(account.TakeRequests());
    }

    [Fact]
    public async Task Completion_of_a_folder_without_an_archive_is_empty_and_sends_nothing()
    {
        await using var account = await FillAsync();
        account.TakeRequests();
        Assert.Empty(_session.Output("(TabExpansion2 ($line = \"Get-MeshiaExperiment -Path '$archive/none' -Id \") $line.Length).CompletionMatches | Where-Object ResultType -eq ParameterValue"));
        Assert.Empty(account.TakeRequests());
    }

    [Fact]
    public async Task More_than_a_comparison_takes_is_an_error_that_says_what_does()
    {
        await using var account = await ForgetfulAccount.StartAsync();
        account.Add("sess_1", "running", [.. Enumerable.Range(0, 101).Select(number => Experiment($"exp_{number}", "\"loss\": 1", ""))]);
        _session.Connect(account.Service.BaseUri);
        _session.Output("Sync-MeshiaExperiment $archive", ("archive", Archive));
        var error = _session.Invoke("Get-MeshiaExperiment -Path $archive | Compare-MeshiaExperiment").Error;
        Assert.Equal("101 experiments are too many for a comparison. The maximum is 100. Choose the best with Get-MeshiaExperiment -Metric and -Top, or see all of them with Export-MeshiaHistory.", error.ToString());
    }

    [Fact]
    public async Task Damaged_lines_cost_themselves_only()
    {
        await using var account = await FillAsync();
        var file = Assert.Single(Directory.GetFiles(Archive, "*.ndjson", SearchOption.AllDirectories));
        var lines = File.ReadAllLines(file);
        lines[1] = lines[1][..40];
        File.WriteAllText(file, string.Join('\n', lines) + "\n{\"id\":\"exp_x\",");

        var result = _session.Invoke("Get-MeshiaExperiment -Path $archive");

        Assert.Equal(lines.Length - 1, result.Output.Count);
        Assert.Equal(2, result.Warnings.Count);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task No_archive_a_newer_one_and_an_unknown_id_are_errors()
    {
        await using var account = await FillAsync();
        Assert.Equal("ArchiveNotFound,Meshia.PowerShell.GetMeshiaExperiment", _session.Invoke("Get-MeshiaExperiment -Path $archive/none").Error.FullyQualifiedErrorId);
        var unknown = _session.Invoke("Get-MeshiaExperiment -Path $archive -Id exp_a, exp_z, exp_b");
        Assert.Equal(("ExperimentNotInArchive,Meshia.PowerShell.GetMeshiaExperiment", "exp_z"), (unknown.Error.FullyQualifiedErrorId, unknown.Error.TargetObject));
        Assert.Equal(["exp_a", "exp_b"], unknown.Output.Select(item => item.ToString()));
        File.WriteAllText(Path.Combine(Archive, "meshia-history.json"), """{"version":2}""");
        Assert.Contains("newer version", _session.Invoke("Get-MeshiaExperiment -Path $archive").Error.ToString(), StringComparison.Ordinal);
    }

    private async Task<ForgetfulAccount> FillAsync()
    {
        var account = await ForgetfulAccount.StartAsync();
        account.Add(
            "sess_1",
            "running",
            Experiment("exp_a", "\"loss\": 0.1, \"acc\": 0.5, \"odd\": 1", "\"optimizer\": {\"lr\": 0.001, \"name\": \"adam\"}, \"amp\": true, \"betas\": [0.9, 0.95]"),
            Experiment("exp_b", "\"loss\": 0.2, \"acc\": 0.9", "\"optimizer\": {\"lr\": 0.0010, \"name\": \"AdamW\"}, \"amp\": false"),
            Experiment("exp_c", "\"loss\": 0.3", "\"optimizer\": {\"lr\": 0.01}", 3),
            Experiment("exp_d", "\"loss\": NaN, \"acc\": NaN", ""),
            Experiment("exp_e", "\"loss\": -Infinity", ""),
            Experiment("exp_f", "\"loss\": null", ""),
            Experiment("exp_g", "\"loss\": \"diverged\"", ""),
            Experiment("exp_h", "\"loss\": [0.05, 0.4]", ""));
        _session.Connect(account.Service.BaseUri);
        _session.Output("Sync-MeshiaExperiment $archive", ("archive", Archive));
        return account;
    }

    private static string Experiment(string id, string metrics, string config, int month = 1) =>
        ForgetfulAccount.Experiment(id, "sess_1", metrics: metrics, config: config, createdAt: string.Create(CultureInfo.InvariantCulture, $"2026-{month:00}-02T03:04:05Z"));

    /// <summary>The service says which is the best; of an archive the goal is guessed, and is the same.</summary>
    private string Text(string script) => string.Join('\n', _session.Output(script).Select(item => Regex.Replace(item.ToString(), "\"GoalSource\": .", "")));
}
