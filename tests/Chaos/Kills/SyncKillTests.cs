using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Meshia.Chaos.Tests;

/// <summary>A sync is killed at any moment: no line is half written, and the next sync completes it.</summary>
public sealed class SyncKillTests : IDisposable
{
    private const int Sessions = 30;

    private const string Script = """
        param($Uri, $Key, $Archive)
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        [Console]::Out.WriteLine('ready')
        Sync-MeshiaExperiment $Archive | ForEach-Object { "$($_.New + $_.Kept) $($_.Failed)" }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Run_again_after_a_kill_the_archive_is_complete_and_nothing_is_twice()
    {
        var run = new ChaosRun(usual: 2);
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "data"));
        var ids = new List<string>();
        for (var number = 0; number < Sessions; number++)
        {
            using var response = await sandbox.Http.PostAsJsonAsync("sessions", new { name = $"s{number}", gpu = "rtx4090" }, ChaosRun.Cancel);
            var session = await response.Content.ReadFromJsonAsync<JsonElement>(ChaosRun.Cancel);
            JsonElement experiments;
            do
                experiments = (await sandbox.GetAsync($"sessions/{session.GetProperty("id").GetString()}/experiments")).GetProperty("experiments");
            while (experiments.EnumerateArray().Count(experiment => experiment.GetProperty("status").GetString() is "completed" or "failed") < 4);
            ids.AddRange(experiments.EnumerateArray().Select(experiment => experiment.GetProperty("id").GetString()!));
        }

        var watch = new Stopwatch();
        using (var undisturbed = Start(sandbox, "first"))
        {
            Assert.Equal("ready", await undisturbed.ReadLineAsync());
            watch.Start();
            Assert.Equal((0, ""), (await undisturbed.EndAsync()) is var end ? (end.ExitCode, end.Errors) : default);
            watch.Stop();
        }

        var archive = Path.Combine(_folder.FullName, "killed");
        for (var round = 0; round < run.Rounds; round++)
        {
            var time = watch.Elapsed * run.Random.NextDouble();
            var what = $"{run.Round(round)}, killed after {time.TotalMilliseconds} ms";
            using (var victim = Start(sandbox, "killed"))
            {
                Assert.Equal("ready", await victim.ReadLineAsync());
                await victim.KillAfterAsync(time);
            }

            // Whatever is there is whole.
            var seen = IdsIn(archive);
            Assert.True(seen.Distinct().Count() == seen.Count, $"An experiment is there twice ({what}).");

            using var next = Start(sandbox, "killed");
            var (exitCode, output, errors) = await next.EndAsync();
            Assert.True((exitCode, errors) == (0, "") && output.Contains($"{ids.Count} 0", StringComparison.Ordinal), $"{output} {errors} ({what})");
            Assert.True(ids.Order(StringComparer.Ordinal).SequenceEqual(IdsIn(archive).Order(StringComparer.Ordinal)), $"The archive is not complete ({what}).");
            Assert.Empty(Directory.GetFiles(archive, "*.tmp", SearchOption.AllDirectories));
            Directory.Delete(archive, recursive: true);
        }
    }

    private static List<string> IdsIn(string archive) => !Directory.Exists(archive)
        ? []
        : [.. Directory.GetFiles(archive, "*.ndjson", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("id").GetString()!)];

    /// <summary>Each in a folder of its own: processes that share one share a budget of requests, and would wait for each other.</summary>
    private Victim Start(Sandbox sandbox, string name) => Victim.StartScript(_folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName, Script, sandbox.BaseUri, Sandbox.Key, Path.Combine(_folder.FullName, name));
}
