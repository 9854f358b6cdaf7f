using System.Globalization;
using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>Save-MeshiaArtifact with many files: which, where, how many at once, and again.</summary>
[Trait("Culture", "Dependent")]
public sealed class SaveMeshiaArtifactTransferTests : IDisposable
{
    private static readonly string[] _names = ["a/model.bin", "A/model.bin", "metrics.json", "train.log"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-save-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_folder_that_is_finished_costs_one_list_and_no_download()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);
        var first = session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder");
        var before = service.Requests.Count;

        var again = session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder");

        Assert.Equal(["GET /experiments/exp_1/artifacts"], service.Requests.Skip(before).Select(request => request.Endpoint));
        Assert.Equal(Values(first, "Path"), Values(again, "Path"));
        Each.Of(again, file => Assert.False((bool)file.Properties["Downloaded"].Value));
    }

    [Fact]
    public async Task Many_ids_of_one_experiment_cost_one_list_too()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);

        session.Output("'art_0', 'art_1', 'art_2' | Save-MeshiaArtifact -ExperimentId exp_1 -Destination $folder");

        Assert.Single(service.Requests, request => request.Endpoint.EndsWith("/artifacts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Results_come_in_the_order_of_the_input_and_hold_both_names()
    {
        // The first one is served last.
        var others = new CountdownEvent(3);
        await using var service = await StartAsync(async id =>
        {
            if (id == "art_0")
                await Task.Run(others.Wait);
            else
                others.Signal();
        });
        using var session = Connect(service);

        var saved = session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder");

        Assert.Equal(_names, Values(saved, "Name"));
        Assert.Equal(["a/model.bin", "A%2Fmodel.bin", "metrics.json", "train.log"], Values(saved, "Path").Select(path => Path.GetRelativePath(Path.Combine(_folder.FullName, "exp_1"), path!.ToString()!).Replace('\\', '/')));
        Each.Of(saved, file => Assert.Equal(Content((string)file.Properties["ArtifactId"].Value), File.ReadAllText((string)file.Properties["Path"].Value)));
    }

    [Fact]
    public async Task As_many_files_as_the_limit_says_are_fetched_at_once()
    {
        var (active, most) = (0, 0);
        await using var service = await StartAsync(async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref active));
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            Interlocked.Decrement(ref active);
        });
        using var session = Connect(service);

        session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -ThrottleLimit 2");

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Include_and_Exclude_choose_by_the_services_names()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);

        var saved = session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -Include *.bin, *.JSON -Exclude A/*");

        Assert.Equal(["metrics.json"], Values(saved, "Name"));
        Assert.DoesNotContain(service.Requests, request => request.Path.Contains("art_0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_path_is_the_file_itself_and_takes_one_artifact()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);

        var result = session.Invoke("[void]$ExecutionContext.SessionState.Path.SetLocation($folder); Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Path './sub/my [model].bin' -Include *.bin");

        var path = Path.Combine(_folder.FullName, "sub", "my [model].bin");
        Assert.Equal([path], Values(result.Output, "Path"));
        Assert.Equal(Content("art_0"), await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(("InvalidArgument,Meshia.PowerShell.SaveMeshiaArtifact", "art_1"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
    }

    [Theory]
    [InlineData("Save-MeshiaArtifact -Id $artifact -Path ./one.bin")]
    [InlineData("$artifact.Id | Save-MeshiaArtifact -Path ./one.bin")]
    [InlineData("[pscustomobject]@{ ArtifactId = $artifact.Id; ExperimentId = 'exp_1' } | Save-MeshiaArtifact -Path ./one.bin")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($artifact)) | Save-MeshiaArtifact -Path ./one.bin")]
    public async Task A_path_takes_an_artifact_in_every_form(string command)
    {
        await using var service = await StartAsync();
        using var session = Connect(service);

        session.Output($"Set-Location -LiteralPath $folder; $artifact = (Get-MeshiaArtifact exp_1)[0]; {command}");

        Assert.Equal(Content("art_0"), await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "one.bin"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_if_says_names_and_bytes()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);

        var said = session.Shown("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -WhatIf");

        foreach (var (file, id) in new[] { (Path.Combine("a", "model.bin"), "art_0"), ("A%2Fmodel.bin", "art_1"), ("metrics.json", "art_2"), ("train.log", "art_3") })
            Assert.Contains($"\"Save artifact {id} ({Content(id).Length} bytes)\" on target \"{Path.Combine(_folder.FullName, "exp_1", file)}\"", said.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Another_file_is_an_error_of_its_own_and_the_others_come()
    {
        await using var service = await StartAsync();
        using var session = Connect(service);
        var mine = Path.Combine(_folder.CreateSubdirectory("exp_1").FullName, "metrics.json");
        await File.WriteAllTextAsync(mine, "mine", TestContext.Current.CancellationToken);

        var result = session.Invoke("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder");

        Assert.Equal(3, result.Output.Count);
        Assert.Equal(("FileError,Meshia.PowerShell.SaveMeshiaArtifact", "art_2"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
        Assert.Equal("mine", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
        Assert.Single(session.Output("Get-MeshiaArtifact exp_1 -Name *.json | Save-MeshiaArtifact -Destination $folder -Force"));
        Assert.Equal(Content("art_2"), await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_error_that_stops_the_pipeline_ends_the_other_downloads()
    {
        var ended = new CountdownEvent(2);
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            if (request.Path.EndsWith("/files/art_1", StringComparison.Ordinal) || request.Path.EndsWith("/files/art_2", StringComparison.Ordinal))
            {
                context.RequestAborted.Register(() => ended.Signal());
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await AnswerAsync(request, context, id => id == "art_0" ? Task.Delay(500) : Task.CompletedTask, missing: "art_0");
        });
        using var session = Connect(service);

        var result = session.Invoke("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -ErrorAction Stop");

        Assert.IsType<ActionPreferenceStopException>(result.Terminating);
        Assert.True(ended.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "The other downloads went on.");
    }

    [Fact]
    public async Task Progress_tells_of_each_file_and_of_all()
    {
        // The first bytes come when all four are on their way, and late enough for progress to be shown.
        var asked = 0;
        var allAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StartAsync(async _ =>
        {
            if (Interlocked.Increment(ref asked) == 4)
                allAsked.SetResult();
            await allAsked.Task;
            await Task.Delay(400);
        });
        using var session = Connect(service);

        var result = session.Invoke("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -ThrottleLimit 4");

        // On a slow machine the first ones come before the first byte.
        var shown = result.Progress.Where(record => record.RecordType == ProgressRecordType.Processing).ToList();
        var whole = shown.Last(record => record.Activity == "Saving artifacts");
        // Not a certain one: what a file tells while the cmdlet is between two files is left out.
        var file = shown.Last(record => record.Activity is "Saving model.bin" or "Saving A%2Fmodel.bin" or "Saving metrics.json" or "Saving train.log");
        Assert.Equal(whole.ActivityId, file.ParentActivityId);
        Assert.Matches(@"^[0-9.,]+ of [0-9.,]+ MB, [0-9.,]+ MB/s$", file.StatusDescription);
        Assert.Matches(@"^\d of 4 files, [0-9.,]+ of [0-9.,]+ MB, [0-9.,]+ MB/s$", whole.StatusDescription);
        Assert.InRange(file.PercentComplete, 0, 100);
        Assert.InRange(file.SecondsRemaining, 0, int.MaxValue);
        // Whatever was shown is taken away again.
        Each.Of(result.Progress.GroupBy(record => record.ActivityId), records => Assert.Equal(ProgressRecordType.Completed, records.Last().RecordType));
    }

    private static string Content(string id) => string.Concat(Enumerable.Repeat($"{id} ", 50_000));

    private static IEnumerable<string> Values(IEnumerable<PSObject> items, string property) => items.Select(item => (string)item.Properties[property].Value);

    /// <summary>An experiment with four files. Something may be awaited before each is served.</summary>
    private static Task<ScriptedService> StartAsync(Func<string, Task>? beforeFile = null) =>
        ScriptedService.StartAsync((request, context) => AnswerAsync(request, context, beforeFile ?? (_ => Task.CompletedTask)));

    private static async Task AnswerAsync(SeenRequest request, HttpContext context, Func<string, Task> beforeFile, string? missing = null)
    {
        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", "v1", "experiments", ..])
        {
            var items = _names.Select((name, index) =>
            {
                var bytes = Encoding.UTF8.GetBytes(Content($"art_{index}"));
                return $$"""{"id":"art_{{index}}","experiment_id":"exp_1","name":"{{name}}","size_bytes":{{bytes.Length}},"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(bytes))}}"}""";
            });
            await Reply.Ok($$"""{"artifacts":[{{string.Join(',', items)}}]}""").SendAsync(context.Response);
        }
        else if (parts is ["api", "v1", "artifacts", var id, "download"])
        {
            await Reply.Ok($$"""{"url":"http://{{context.Request.Host}}/files/{{id}}"}""").SendAsync(context.Response);
        }
        else if (parts[^1] == missing)
        {
            await beforeFile(parts[^1]);
            await new Reply(404).SendAsync(context.Response);
        }
        else
        {
            // Half of it first, so that there is progress to tell of.
            var bytes = Encoding.UTF8.GetBytes(Content(parts[^1]));
            context.Response.ContentLength = bytes.Length;
            context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{parts[^1]}\"");
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await beforeFile(parts[^1]);
            await context.Response.Body.WriteAsync(bytes.AsMemory(bytes.Length / 2), context.RequestAborted);
        }
    }

    private ModuleSession Connect(ScriptedService service)
    {
        var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output("$folder = $path", ("path", _folder.FullName));
        return session;
    }
}
