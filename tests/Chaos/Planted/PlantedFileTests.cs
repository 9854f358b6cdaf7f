using System.Diagnostics;
using System.Text;

namespace Meshia.Chaos.Tests;

/// <summary>Somebody else plants files where the module keeps its own: nothing elsewhere changes, and nothing hangs.</summary>
public sealed class PlantedFileTests : IDisposable
{
    /// <summary>What is planted.</summary>
    private static readonly string[] _kinds = ["link", "dangling link", "pipe", "folder", "second name", "garbage"];

    /// <summary>Where: the files of the module below the folder of its configuration.</summary>
    private static readonly string[] _places = ["profiles.json", "profiles.json.lock", "profiles.json.tmp"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_planted_file_changes_nothing_elsewhere_and_hangs_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links and pipes are made with the tools of Linux and macOS.");
        var run = new ChaosRun(usual: 20);
        var writer = Path.Combine(Victim.Root, "tests", "ProfileWriter", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ProfileWriter.dll");
        for (var round = 0; round < run.Rounds; round++)
        {
            var (kind, place) = (_kinds[run.Random.Next(_kinds.Length)], _places[run.Random.Next(_places.Length)]);
            var what = $"a {kind} as {place}, {run.Round(round)}";
            var home = _folder.CreateSubdirectory($"home{round}");
            var victim = Path.Combine(_folder.FullName, $"victim{round}");
            await PlantAsync(kind, Path.Combine(home.FullName, place), victim);
            await File.WriteAllTextAsync(Path.Combine(home.FullName, "go"), "", ChaosRun.Cancel);

            using var process = Victim.StartProgram(writer, [("MESHIA_CONFIG_PATH", home.FullName)], "work", Path.Combine(home.FullName, "ready"), Path.Combine(home.FullName, "go"));
            var (exitCode, _, errors) = await process.EndAsync();

            Assert.True(!File.Exists(victim) || await File.ReadAllTextAsync(victim, ChaosRun.Cancel) == "precious", $"The victim was changed ({what}).");
            Assert.True(kind != "dangling link" || !File.Exists(victim), $"The victim was made ({what}).");
            // Either it was refused by name, or it was written beside what was planted.
            Assert.True(exitCode == 0 ? File.ReadAllText(Path.Combine(home.FullName, "profiles.json")).Contains("\"work\"", StringComparison.Ordinal) : errors.Contains("profiles.json", StringComparison.Ordinal), $"{errors} ({what})");
        }
    }

    private static async Task PlantAsync(string kind, string path, string victim)
    {
        if (kind is "link" or "second name")
            await File.WriteAllTextAsync(victim, "precious", ChaosRun.Cancel);
        switch (kind)
        {
            case "link" or "dangling link":
                File.CreateSymbolicLink(path, victim);
                break;
            case "second name":
                await RunAsync("ln", victim, path);
                break;
            case "pipe":
                await RunAsync("mkfifo", path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes("\0{garbage"), ChaosRun.Cancel);
                break;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(ChaosRun.Cancel);
        Assert.Equal(0, process.ExitCode);
    }
}
