using System.Management.Automation;
using System.Text.Json;

namespace Meshia.PowerShell.Tests;

public sealed class SyncMeshiaExperimentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-history-");
    private readonly ModuleSession _session = new();

    private string Archive => Path.Combine(_folder.FullName, "history");

    public void Dispose()
    {
        _session.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_files_hold_each_experiment_once_with_every_digit()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1", metrics: "\"loss\": 0.12345678901234567890123, \"steps\": 123456789012345678901234567890, \"rate\": 1.50, \"bad\": NaN, \"text\": \"a\\nb  c\""));

        AssertCounts(Sync(), sessions: 1, fresh: 1);

        var line = Assert.Single(Lines());
        Assert.StartsWith("""{"id":"exp_1","session_id":"sess_1","name":"run of exp_1","status":"completed","config":{"optimizer":{"lr":0.001}},"metrics":{"loss":0.12345678901234567890123,"steps":123456789012345678901234567890,"rate":1.50,"bad":NaN,"text":"a\nb  c"},"artifacts":[],"created_at":"2026-01-02T03:04:05Z","_meshia":{"seen_at":"2""", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_sync_asks_only_for_sessions_that_are_not_over()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1", "running"));
        account.Add("sess_2", "stopped", ForgetfulAccount.Experiment("exp_3", "sess_2"));
        account.Add("sess_3", "stopped");

        AssertCounts(Sync(), sessions: 3, fresh: 3);
        Assert.Equal(["GET /sessions", "GET /sessions/sess_1/experiments", "GET /sessions/sess_2/experiments", "GET /sessions/sess_3/experiments"], account.TakeRequests());
        var before = Lines();

        AssertCounts(Sync(), sessions: 1, kept: 3);
        Assert.Equal(["GET /sessions", "GET /sessions/sess_1/experiments"], account.TakeRequests());
        Assert.Equal(before, Lines());
    }

    [Fact]
    public async Task Running_experiments_are_updated_and_ended_ones_only_with_Force()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1", "running"));
        Sync();
        account.Experiments["sess_1"] = [ForgetfulAccount.Experiment("exp_1", "sess_1", metrics: "\"loss\": 9"), ForgetfulAccount.Experiment("exp_2", "sess_1", metrics: "\"loss\": 8")];

        AssertCounts(Sync(), sessions: 1, updated: 1, kept: 1);
        Assert.Equal([0.5, 8], Losses());
        AssertCounts(Sync("-Force"), sessions: 1, updated: 1, kept: 1);
        Assert.Equal([9, 8], Losses());
    }

    [Fact]
    public async Task A_deleted_experiment_stays_in_the_archive_and_is_marked()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1"));
        account.Add("sess_2", "running", ForgetfulAccount.Experiment("exp_3", "sess_2"));
        Sync();
        account.Experiments["sess_1"].RemoveAt(0);
        account.Sessions.Remove("sess_2");
        account.Experiments.Remove("sess_2");

        AssertCounts(Sync(), sessions: 2, kept: 1, gone: 2);
        Assert.Equal(["exp_1", "exp_3"], Lines().Where(line => line.Contains("\"gone_at\":\"2", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()).Order());
        account.TakeRequests();
        AssertCounts(Sync(), sessions: 1, kept: 3);
        Assert.DoesNotContain("GET /sessions/sess_2/experiments", account.TakeRequests());

        // It is back, as from a list that was short.
        account.Experiments["sess_1"].Add(ForgetfulAccount.Experiment("exp_1", "sess_1"));
        AssertCounts(Sync(), sessions: 1, updated: 1, kept: 2);
        Assert.DoesNotContain(Lines(), line => line.Contains("exp_1", StringComparison.Ordinal) && line.Contains("gone_at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_is_not_complete_marks_nothing_as_gone()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "stopped", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1", "running"));
        Sync();
        account.Experiments["sess_1"] = [ForgetfulAccount.Experiment("exp_2", "sess_1"), """{"name": "no id"}"""];

        var result = _session.Invoke("Sync-MeshiaExperiment $archive", ("archive", Archive));

        AssertCounts(Assert.Single(result.Output), sessions: 1, updated: 1, kept: 1, failed: 1);
        Assert.Contains("ListIncomplete,Meshia.PowerShell.SyncMeshiaExperiment", result.Errors.Select(error => error.FullyQualifiedErrorId));
        Assert.DoesNotContain(Lines(), line => line.Contains("gone_at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_that_fails_does_not_stop_the_others()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"));
        account.Add("sess_2", "running", ForgetfulAccount.Experiment("exp_2", "sess_2"));
        account.Broken.Add("sess_1");

        var result = _session.Invoke("Sync-MeshiaExperiment $archive", ("archive", Archive));

        Assert.Equal(("not_allowed,Meshia.PowerShell.SyncMeshiaExperiment", "sess_1"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
        AssertCounts(Assert.Single(result.Output), sessions: 2, fresh: 1, failed: 1);
        account.Broken.Clear();
        AssertCounts(Sync(), sessions: 2, fresh: 1, kept: 1);
    }

    [Fact]
    public async Task A_file_that_was_planted_costs_its_session_only()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"));
        account.Add("sess_2", "running", ForgetfulAccount.Experiment("exp_2", "sess_2"));
        account.Add("..", "running");
        var victim = Path.Combine(_folder.FullName, "victim");
        File.WriteAllText(victim, "keep me");
        Directory.CreateDirectory(Path.Combine(Archive, "experiments"));
        try
        {
            File.CreateSymbolicLink(Path.Combine(Archive, "experiments", "sess_1.ndjson"), victim);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            Assert.Skip($"This account may not make links: {failure.Message}");
        }

        var result = _session.Invoke("Sync-MeshiaExperiment $archive", ("archive", Archive));

        Assert.Equal(["sess_1", ".."], result.Errors.Select(error => error.TargetObject));
        AssertCounts(Assert.Single(result.Output), sessions: 3, fresh: 1, failed: 2);
        Assert.Equal("keep me", File.ReadAllText(victim));
    }

    [Fact]
    public async Task A_list_without_metrics_costs_one_request_for_each_ended_experiment_once()
    {
        await using var account = await StartAsync();
        account.HasShortLists = true;
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1", "running"));

        Sync();
        Assert.Equal(["GET /sessions", "GET /sessions/sess_1/experiments", "GET /experiments/exp_1"], account.TakeRequests());
        Assert.Contains("\"loss\":0.5", Lines()[0], StringComparison.Ordinal);
        Sync();
        Assert.Equal(["GET /sessions", "GET /sessions/sess_1/experiments"], account.TakeRequests());
    }

    [Theory]
    [InlineData("{\"id\":\"exp_9\",\"metr")]
    [InlineData("[[[")]
    [InlineData("null")]
    [InlineData("{\"name\":\"no id\"}")]
    [InlineData("\0\0\0\0")]
    public async Task A_damaged_line_costs_that_line_only_and_is_mended(string damage)
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "stopped", ForgetfulAccount.Experiment("exp_1", "sess_1"), ForgetfulAccount.Experiment("exp_2", "sess_1"));
        Sync();
        var file = Assert.Single(Files());
        File.WriteAllText(file, File.ReadAllLines(file)[0] + "\n" + damage);

        var result = _session.Invoke("Sync-MeshiaExperiment $archive", ("archive", Archive));

        Assert.Contains("Line 2", Assert.Single(result.Warnings), StringComparison.Ordinal);
        AssertCounts(Assert.Single(result.Output), sessions: 1, fresh: 1, kept: 1);
        Assert.Equal(2, Lines().Count);
        Assert.Contains(damage, File.ReadAllText(Path.Combine(Archive, "damaged-lines.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_of_a_newer_version_is_left_alone()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"));
        Sync();
        File.WriteAllText(Path.Combine(Archive, "meshia-history.json"), """{"version":2}""");
        account.Experiments["sess_1"].Add(ForgetfulAccount.Experiment("exp_2", "sess_1"));
        account.TakeRequests();

        var error = _session.Invoke("Sync-MeshiaExperiment $archive", ("archive", Archive)).Error;

        Assert.Contains("newer version", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(account.TakeRequests());
        Assert.Single(Lines());
    }

    [Fact]
    public async Task WhatIf_sends_nothing_and_writes_nothing()
    {
        await using var account = await StartAsync();
        Assert.Empty(_session.Output("Sync-MeshiaExperiment $archive -WhatIf", ("archive", Archive)));
        Assert.Empty(account.Service.Requests);
        Assert.False(Directory.Exists(Archive));
    }

    [Fact]
    public async Task Only_the_sessions_of_the_pipeline_are_synced()
    {
        await using var account = await StartAsync();
        account.Add("sess_1", "running", ForgetfulAccount.Experiment("exp_1", "sess_1"));
        account.Add("sess_2", "running", ForgetfulAccount.Experiment("exp_2", "sess_2"));

        AssertCounts(Assert.Single(_session.Output("'sess_2' | Sync-MeshiaExperiment $archive", ("archive", Archive))), sessions: 1, fresh: 1);
        Assert.Equal(["GET /sessions/sess_2/experiments"], account.TakeRequests());
        Assert.Empty(_session.Output("@() | Sync-MeshiaExperiment $archive"));
        Assert.Empty(account.TakeRequests());
    }

    [Fact]
    public async Task Two_syncs_at_once_take_turns()
    {
        await using var account = await StartAsync();
        for (var number = 0; number < 20; number++)
            account.Add($"sess_{number}", "stopped", ForgetfulAccount.Experiment($"exp_{number}", $"sess_{number}"));
        using var other = new ModuleSession();
        other.Connect(account.Service.BaseUri);

        var second = Task.Run(() => Assert.Single(other.Output("Sync-MeshiaExperiment $archive", ("archive", Archive))), TestContext.Current.CancellationToken);
        PSObject[] results = [Sync(), await second];

        Assert.Equal(20, results.Sum(result => (int)result.Properties["New"].Value));
        Assert.Equal(20, results.Sum(result => (int)result.Properties["Kept"].Value));
        Assert.Equal(20, Lines().Count);
        Assert.Equal(22, account.TakeRequests().Count);
    }

    [Fact]
    public async Task Artifacts_of_ended_experiments_are_saved_once()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        _session.Connect(sandbox.BaseUri, sandbox.Key);

        var first = Sync("-IncludeArtifact *.json");

        var saved = Directory.GetFiles(Path.Combine(Archive, "artifacts"), "*.json", SearchOption.AllDirectories);
        Assert.NotEmpty(saved);
        Assert.Equal(saved.Length, first.Properties["Artifacts"].Value);
        Assert.Equal(saved.Length, Directory.GetFiles(Path.Combine(Archive, "artifacts"), "*", SearchOption.AllDirectories).Count(path => Path.GetFileName(path)[0] != '.'));
        Assert.Equal(0, Sync("-IncludeArtifact *.json").Properties["Artifacts"].Value);
    }

    private static void AssertCounts(PSObject result, int sessions, int fresh = 0, int updated = 0, int kept = 0, int gone = 0, int failed = 0) =>
        Assert.Equal(
            (sessions, fresh, updated, kept, gone, failed),
            ((int)result.Properties["Sessions"].Value, (int)result.Properties["New"].Value, (int)result.Properties["Updated"].Value, (int)result.Properties["Kept"].Value, (int)result.Properties["Gone"].Value, (int)result.Properties["Failed"].Value));

    private async Task<ForgetfulAccount> StartAsync()
    {
        var account = await ForgetfulAccount.StartAsync();
        _session.Connect(account.Service.BaseUri);
        return account;
    }

    private PSObject Sync(string more = "") => Assert.Single(_session.Output($"Sync-MeshiaExperiment $archive {more}", ("archive", Archive)));

    private string[] Files() => Directory.GetFiles(Archive, "*.ndjson", SearchOption.AllDirectories);

    private List<string> Lines() => [.. Files().Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)];

    private double[] Losses() => [.. Lines().Select(line => JsonDocument.Parse(line).RootElement.GetProperty("metrics").GetProperty("loss").GetDouble())];
}
