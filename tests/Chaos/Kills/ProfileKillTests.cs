using System.Diagnostics;
using System.Text.Json;

namespace Meshia.Chaos.Tests;

/// <summary>A process that writes the file of profiles is killed at any moment: the file is whole, and no profile is lost.</summary>
public sealed class ProfileKillTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_file_is_valid_after_each_kill_and_keeps_every_profile_that_was_in_it()
    {
        var run = new ChaosRun(usual: 10);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var file = Path.Combine(_folder.FullName, "profiles.json");
        // How long one takes that is not disturbed.
        var watch = new Stopwatch();
        using (var undisturbed = Start(-1))
        {
            await ReadyAsync(-1);
            watch.Start();
            await File.WriteAllTextAsync(Go(-1), "", ChaosRun.Cancel);
            Assert.Equal(0, (await undisturbed.EndAsync()).ExitCode);
            watch.Stop();
        }

        for (var round = 0; round < run.Rounds; round++)
        {
            var time = watch.Elapsed * run.Random.NextDouble();
            using (var victim = Start(round))
            {
                await ReadyAsync(round);
                await File.WriteAllTextAsync(Go(round), "", ChaosRun.Cancel);
                await victim.KillAfterAsync(time);
            }

            var names = Names(file, $"{run.Round(round)}, killed after {time.TotalMilliseconds} ms");
            Assert.Superset(known, names);
            known.UnionWith(names);
        }

        // Somebody who is not killed can write, and leaves nothing else behind.
        using var last = Start(run.Rounds);
        await File.WriteAllTextAsync(Go(run.Rounds), "", ChaosRun.Cancel);
        Assert.Equal((0, ""), await last.EndAsync() is var end ? (end.ExitCode, end.Errors) : default);
        Assert.Contains($"profile{run.Rounds}", Names(file, "at the end"));
        ChaosRun.Say($"{known.Count} of {run.Rounds} were written before their kill");
    }

    private static HashSet<string> Names(string file, string what)
    {
        if (!File.Exists(file))
            return [];
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return [.. document.RootElement.GetProperty("profiles").EnumerateObject().Select(profile => profile.Name)];
        }
        catch (JsonException failure)
        {
            Assert.Fail($"The file of profiles is damaged: {failure.Message} ({what})");
            return [];
        }
    }

    private async Task ReadyAsync(int round)
    {
        while (!File.Exists(Path.Combine(_folder.FullName, $"ready{round}")))
            await Task.Delay(5, ChaosRun.Cancel);
    }

    private string Go(int round) => Path.Combine(_folder.FullName, $"go{round}");

    private Victim Start(int round) => Victim.StartProgram(
        Path.Combine(Victim.Root, "tests", "ProfileWriter", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ProfileWriter.dll"),
        [("MESHIA_CONFIG_PATH", _folder.FullName)],
        $"profile{round}", Path.Combine(_folder.FullName, $"ready{round}"), Go(round));
}
