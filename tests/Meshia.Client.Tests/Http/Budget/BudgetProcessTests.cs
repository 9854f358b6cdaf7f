using System.Diagnostics;
using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>Real processes that share one file. Each writes down what it sends; only counts are judged.</summary>
public sealed class BudgetProcessTests(ITestOutputHelper output) : IDisposable
{
    private const int Processes = 8;
    private const int Window = 4000;
    private const int Seconds = 14;

    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-budget-").FullName;
    private readonly List<Process> _running = [];

    public void Dispose()
    {
        foreach (var process in _running)
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Processes_that_are_killed_and_a_file_that_is_deleted_and_damaged_never_send_more_than_60_in_a_window()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder, "budget.bin");
        for (var i = 0; i < Processes; i++)
            Start(file, i);
        for (var i = 0; i < 10; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            _running[i % _running.Count].Kill();
            Start(file, Processes + i);
            if (i == 4)
            {
                // A process that has just started knows of nothing; the others put it back before that.
                await Task.Delay(TimeSpan.FromSeconds(0.9), cancellationToken);
                File.Delete(file);
            }

            if (i == 7)
                await File.WriteAllBytesAsync(file, new byte[100], cancellationToken);
        }

        await Task.WhenAll(_running.Select(process => process.WaitForExitAsync(cancellationToken)));

        var sent = Directory.GetFiles(_folder, "*.sent").SelectMany(Read).Order().ToList();
        output.WriteLine($"{sent.Count} requests");
        Assert.Empty(Directory.GetFiles(_folder, "*.alone"));
        // Two windows' worth at least, or nothing was tested.
        Assert.True(sent.Count > 2 * BudgetPage.Slots, $"{sent.Count} requests");
        for (var i = BudgetPage.Slots; i < sent.Count; i++)
            Assert.True(sent[i] - sent[i - BudgetPage.Slots] >= Window, $"{BudgetPage.Slots + 1} requests in {sent[i] - sent[i - BudgetPage.Slots]} ms of {Window}, the last one at {sent[i] - sent[0]} ms");
    }

    private static IEnumerable<long> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at + 16 <= bytes.Length; at += 16)
            yield return BitConverter.ToInt64(bytes, at);
    }

    private void Start(string file, int seed)
    {
        var program = Path.Combine(Root(), "tests", "BudgetUser", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "BudgetUser.dll");
        var number = seed.ToString(CultureInfo.InvariantCulture);
        _running.Add(Process.Start(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [program, file, Window.ToString(CultureInfo.InvariantCulture), Seconds.ToString(CultureInfo.InvariantCulture), Path.Combine(_folder, $"{number}.sent"), number]));
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); ; folder = folder.Parent!)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")))
                return folder.FullName;
        }
    }
}
