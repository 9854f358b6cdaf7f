using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Meshia.Client.Tests;

/// <summary>A real process that downloads, and is killed or meets a full disk: the next one goes on from there.</summary>
public sealed class KillTests : IDisposable
{
    private const int ChunkSize = 4 * 1024 * 1024;
    private const int Connections = 4;

    /// <summary>How often it is killed: a few times in each run of the tests, and 200 times where this variable says so.</summary>
    private const string TimesVariable = "MESHIA_TEST_KILLS";

    private static readonly byte[] _bytes = NastyStorage.MakeBytes(64 * 1024 * 1024);
    private static readonly string _sha256 = Convert.ToHexStringLower(SHA256.HashData(_bytes));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-kill-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "model.bin");

    private string PartialPath => FilePath + ".partial";

    private string JournalPath => FilePath + ".partial.journal";

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_at_any_byte_the_next_run_finishes_it_and_fetches_at_most_one_chunk_for_each_connection_again()
    {
        var times = int.TryParse(Environment.GetEnvironmentVariable(TimesVariable), out var wanted) ? wanted : 5;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var time = 0; time < times; time++)
        {
            var at = random.NextInt64(1, _bytes.Length);
            var what = $"seed {seed}, time {time}, killed after {at} bytes";
            await using var storage = await NastyStorage.StartAsync(_bytes);
            using (var victim = Start(storage.Api.BaseUri, []))
            {
                await TestClient.UntilAsync(() => storage.Sent >= at || victim.HasExited);
                victim.Kill();
                await victim.WaitForExitAsync(Cancel);
            }

            // What was done before it died, as it lies on the disk. The whole file may have made it too.
            var done = DoneChunks();
            var begun = File.Exists(FilePath) ? 0 : BegunChunks().Except(done).Count();
            Assert.True(begun <= Connections, $"{begun} chunks were begun and not done ({what}).");
            var isWhole = File.Exists(FilePath);

            var report = await FinishAsync(storage.Api.BaseUri);

            Assert.True(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(_bytes), $"The file is not the right one ({what}).");
            Assert.True(isWhole || report.BytesFetched == _bytes.Length - (done.Count * (long)ChunkSize), $"{report.BytesFetched} bytes were fetched with {done.Count} chunks done ({what}).");
            Assert.Equal(["model.bin"], _folder.EnumerateFileSystemInfos().Select(file => file.Name));
            File.Delete(FilePath);
        }
    }

    [Fact]
    public async Task A_disk_that_takes_no_more_is_an_error_that_says_so_and_the_next_run_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit that stands for a full disk is set with a shell of Linux.");
        await using var storage = await NastyStorage.StartAsync(_bytes);

        // No file may grow beyond 20 MB; the signal for it is ignored, so that writing fails as on a full disk.
        using var victim = Start(storage.Api.BaseUri, ["bash", "-c", "trap '' XFSZ; ulimit -f 20480; exec \"$0\" \"$@\""]);
        var error = await victim.StandardError.ReadToEndAsync(Cancel);
        await victim.WaitForExitAsync(Cancel);

        Assert.NotEqual(0, victim.ExitCode);
        Assert.Contains("System.IO.IOException: Writing '" + PartialPath + "' failed", error, StringComparison.Ordinal);
        Assert.Contains("Free some space, then run the same command again", error, StringComparison.Ordinal);
        Assert.False(File.Exists(FilePath));
        var done = DoneChunks().Count;
        var report = await FinishAsync(storage.Api.BaseUri);
        Assert.True(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(_bytes));
        Assert.Equal(_bytes.Length - (done * (long)ChunkSize), report.BytesFetched);
    }

    private List<int> DoneChunks()
    {
        if (!File.Exists(JournalPath))
            return [];
        var text = File.ReadAllText(JournalPath);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n').Skip(1).Where(line => line.Length > 0).Select(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Chunks of which something was written: the content has no long run of zeros.</summary>
    private IEnumerable<int> BegunChunks()
    {
        if (!File.Exists(PartialPath))
            yield break;
        using var partial = File.OpenRead(PartialPath);
        var head = new byte[64];
        for (var index = 0; index * (long)ChunkSize < partial.Length; index++)
        {
            partial.Position = index * (long)ChunkSize;
            var count = partial.Read(head);
            if (head.AsSpan(0, count).ContainsAnyExcept((byte)0))
                yield return index;
        }
    }

    private async Task<Report> FinishAsync(Uri baseUri)
    {
        using var process = Start(baseUri, []);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<Report>(output)!;
    }

    private Process Start(Uri baseUri, string[] through)
    {
        string[] command = [.. through, "dotnet", Program(), "save", baseUri.AbsoluteUri, FilePath, $"{_bytes.Length}", _sha256, $"{Connections}"];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    /// <summary>The program of tests/Benchmarks, which is built before this project.</summary>
    private static string Program()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration, tests) = (output.Name, output.Parent!.Name, output.Parent.Parent!.Parent!.Parent!.FullName);
        return Path.Combine(tests, "Benchmarks", "bin", configuration, framework, "Benchmarks.dll");
    }

    private sealed record Report(double Seconds, long WorkingSetGrowth, long BytesFetched, bool Resumed, string Sha256);
}
