using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>The module is used as any other is: in strict mode, in a constrained session, with the common parameters, and on copies of its objects.</summary>
public sealed class ConductTests : IDisposable
{
    /// <summary>Runs whatever comes through a serialization, as a job and a remote session do.</summary>
    private const string Copied = "ForEach-Object { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_)) }";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-conduct [1] ");

    /// <summary>The pipelines of the README that write something, as they stand there.</summary>
    public static TheoryData<string> Pipelines
    {
        get
        {
            var page = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
            var code = string.Join('\n', Regex.Matches(page, @"```powershell\r?\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value));
            var parsed = Parser.ParseInput(code, out _, out var errors);
            Assert.Empty(errors);
            return [.. parsed.FindAll(ast => ast is PipelineAst { PipelineElements.Count: > 1 }, searchNestedScriptBlocks: true).Select(ast => ast.Extent.Text).Where(text => !text.EndsWith("Out-Null", StringComparison.Ordinal))];
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_README_has_pipelines() => Assert.InRange(Pipelines.Count, 3, 20);

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task Copies_give_what_the_objects_give(string pipeline)
    {
        var elements = ((PipelineAst)Parser.ParseInput(pipeline, out _, out _).Find(ast => ast is PipelineAst, searchNestedScriptBlocks: false)).PipelineElements.Select(element => element.Extent.Text).ToList();

        var live = await ResultAsync(pipeline, "live");
        var copied = await ResultAsync(string.Join($" | {Copied} | ", elements), "copied");

        Assert.Equal(live, copied);
        Assert.True(live.Count > 0 || pipeline.EndsWith("Stop-MeshiaSession", StringComparison.Ordinal), "Nothing came out.");
    }

    [Theory]
    [InlineData(PSLanguageMode.FullLanguage)]
    [InlineData(PSLanguageMode.ConstrainedLanguage)]
    public async Task A_whole_story_runs_in_strict_mode_and_where_the_language_is_constrained(PSLanguageMode mode)
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output("Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'", ("id", id), ("folder", _folder.FullName));
        session.Runspace.SessionStateProxy.LanguageMode = mode;

        var told = session.Output(
            """
            if ($ExecutionContext.SessionState.LanguageMode -eq 'ConstrainedLanguage') { try { $null = [System.Net.Dns]::GetHostName(); 'not constrained' } catch { } }
            (New-MeshiaSession other rtx4090 github:user/repo).Name
            (Get-MeshiaSession $id | Wait-MeshiaSession).Status
            $experiments = @(Get-MeshiaExperiment -SessionId $id | Wait-MeshiaExperiment -ErrorAction Ignore)
            $completed = @($experiments | Where-Object Status -eq completed)
            $comparison = $completed | Compare-MeshiaExperiment -Goal @{ loss = 'Minimize' }
            @($comparison.Metrics | Where-Object Key -eq loss).Count
            ($comparison | Export-MeshiaComparison "$folder/report.html" -PassThru).Name
            $completed[0] | Test-MeshiaExperiment -Rule @{ loss = '> 0' } -Quiet
            @($completed[0] | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination "$folder/out" | Where-Object Verified -eq Sha256).Count -gt 0
            $webhook = Register-MeshiaWebhook http://127.0.0.1:1/x session.started -GenerateSecret
            $webhook | Unregister-MeshiaWebhook -Confirm:$false
            @(Get-MeshiaWebhook).Count
            (ConvertFrom-MeshiaWebhook -Body '{"event":"session.started","session_id":"sess_x"}' -AllowUnverified).EventType
            (Test-MeshiaConnection).IsAuthenticated
            Invoke-MeshiaRequest /sessions | ForEach-Object { $_.sessions.Count }
            ($id | Stop-MeshiaSession -PassThru).Status
            """);

        Assert.Equal(
            ["other", "running", 1, "report.html", true, true, 0, "session.started", true, 2, "stopping"],
            told.Select(item => item.BaseObject));
    }

    [Fact]
    public async Task ErrorAction_decides_whether_one_failed_item_ends_the_others()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        const string Script = "$found = $failed = $null; $ids = $id, 'sess_none', $id; ";
        session.Output("$id = $given", ("given", id));

        var stopped = session.Invoke($"{Script} $ids | Get-MeshiaSession -ErrorAction Stop");
        Assert.Equal("session_not_found,Meshia.PowerShell.GetMeshiaSession", stopped.Error.FullyQualifiedErrorId);
        Assert.NotNull(stopped.Terminating);
        Assert.Single(stopped.Output);
        var preferred = session.Invoke($"{Script} & {{ $ErrorActionPreference = 'Stop'; $ids | Get-MeshiaSession }}");
        Assert.NotNull(preferred.Terminating);
        Assert.Single(preferred.Output);

        // What is ignored is in no variable.
        foreach (var (action, kept) in new[] { ("SilentlyContinue", 1), ("Ignore", 0) })
        {
            var silent = session.Invoke($"{Script} $error.Clear(); $ids | Get-MeshiaSession -ErrorAction {action} -ErrorVariable failed -OutVariable found; $failed.Count; $found.Count; $error.Count");
            Assert.Empty(silent.Errors);
            Assert.Equal([kept, 2, kept], silent.Output.Skip(2).Select(item => item.BaseObject));
        }
    }

    [Fact]
    public async Task OutVariable_and_PipelineVariable_hold_what_came_so_far()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync("one");
        await sandbox.CreateFinishedSessionAsync("two");
        using var session = sandbox.Connect();

        var seen = session.Output("Get-MeshiaSession -OutVariable found -PipelineVariable one | ForEach-Object { \"$($one.Name) $($found.Count)\" }; $found[0].GetType().FullName");

        Assert.Equal(["two 1", "one 2", "Meshia.Session"], seen.Select(item => item.BaseObject));
    }

    [Fact]
    public async Task An_error_reads_well_in_ConciseView()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        using var session = sandbox.Connect();

        var shown = session.Shown("Get-MeshiaSession sess_none");

        Assert.Matches(@"^Get-MeshiaSession: .*sess_none.*\n(.*\n){0,4}$", Regex.Replace(shown, @"\e\[[0-9;]*m", ""));
        Assert.DoesNotContain("Exception", shown, StringComparison.Ordinal);
    }

    /// <summary>What a pipeline of the README writes about a seeded account, without what is of its run alone.</summary>
    private async Task<IReadOnlyList<string>> ResultAsync(string pipeline, string folder)
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        var here = _folder.CreateSubdirectory(folder).FullName;
        session.Output("$session = Get-MeshiaSession $id; $done = $session | Get-MeshiaExperiment -Status completed; $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($here))", ("id", id), ("here", here));
        var written = session.Output(pipeline);
        var ended = session.Output("(Get-MeshiaSession $id).Status").Single().ToString();
        string[] alike = ["Id", "Name", "Status", "SessionId", "ExperimentId", "ArtifactId", "OriginalName", "SizeBytes", "Sha256", "Verified"];
        return [.. written.Select(item => string.Join(", ", alike.Select(name => item.Properties[name]?.Value))), .. ended == "running" ? [] : new[] { $"ended: {ended}" }];
    }
}
