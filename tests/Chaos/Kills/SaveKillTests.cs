using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Meshia.Chaos.Tests;

/// <summary>A script that saves an artifact is killed at any moment: what has its name is right, and the next run finishes it.</summary>
public sealed class SaveKillTests : IDisposable
{
    private const long Size = 48L * 1024 * 1024;

    private const string Script = """
        param($Uri, $Key, $Experiment, $Out)
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        $artifacts = Get-MeshiaArtifact $Experiment -Name model.bin
        [Console]::Out.WriteLine('ready')
        $artifacts | Save-MeshiaArtifact -Destination $Out | ForEach-Object Sha256
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Run_again_after_a_kill_the_file_is_the_right_one_and_nothing_else_is_left()
    {
        var run = new ChaosRun(usual: 3);
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "data"));
        var session = await PostAsync(sandbox, "sessions", new { name = "chaos", gpu = "rtx4090" });
        JsonElement experiments;
        do
            experiments = (await sandbox.GetAsync($"sessions/{session.GetProperty("id").GetString()}/experiments")).GetProperty("experiments");
        while (experiments.GetArrayLength() == 0);
        var experiment = experiments[0].GetProperty("id").GetString()!;
        var artifact = await PostAsync(sandbox, "/sandbox/artifacts", new { experiment_id = experiment, name = "model.bin", size_bytes = Size });
        var hash = artifact.GetProperty("sha256").GetString()!;
        var watch = new Stopwatch();
        using (var undisturbed = Start(sandbox, experiment, "first"))
        {
            await undisturbed.ReadLineAsync();
            watch.Start();
            Assert.Contains(hash, (await undisturbed.EndAsync()).Output, StringComparison.OrdinalIgnoreCase);
            watch.Stop();
        }

        // Below the destination each experiment has its folder.
        var below = Path.GetRelativePath(Path.Combine(_folder.FullName, "first"), Directory.GetFiles(Path.Combine(_folder.FullName, "first"), "model.bin", SearchOption.AllDirectories).Single());

        for (var round = 0; round < run.Rounds; round++)
        {
            var (time, name) = (watch.Elapsed * run.Random.NextDouble(), string.Create(CultureInfo.InvariantCulture, $"out{round}"));
            var what = $"{run.Round(round)}, killed after {time.TotalMilliseconds} ms";
            var path = Path.Combine(_folder.FullName, name, below);
            using (var victim = Start(sandbox, experiment, name))
            {
                Assert.Equal("ready", await victim.ReadLineAsync());
                await victim.KillAfterAsync(time);
            }

            Assert.True(!File.Exists(path) || HashOf(path) == hash, $"The file has its name and is not right ({what}).");
            using var next = Start(sandbox, experiment, name);
            var (exitCode, _, errors) = await next.EndAsync();

            Assert.True((exitCode, errors) == (0, ""), $"{errors} ({what})");
            Assert.True(HashOf(path) == hash, $"The file is not right ({what}).");
            Assert.Equal([".meshia-artifacts", "model.bin"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            File.Delete(path);
        }
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static async Task<JsonElement> PostAsync(Sandbox sandbox, string path, object body)
    {
        using var response = await sandbox.Http.PostAsJsonAsync(path, body, ChaosRun.Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(ChaosRun.Cancel));
        return await response.Content.ReadFromJsonAsync<JsonElement>(ChaosRun.Cancel);
    }

    private Victim Start(Sandbox sandbox, string experiment, string name) =>
        Victim.StartScript(_folder.FullName, Script, sandbox.BaseUri, Sandbox.Key, experiment, Path.Combine(_folder.FullName, name));
}
