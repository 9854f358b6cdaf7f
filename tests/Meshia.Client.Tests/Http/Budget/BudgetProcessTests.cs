using System.Diagnostics;
using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>Real processes that share one file. Each writes down what it sends; only counts are judged.</summary>
public sealed class BudgetProcessTests(ITestOutputHelper output) : IDisposable
{
    private const int Window = 4000;

    /// <summary>
    /// How many processes are killed: 10 of 8, or as many of 16 as the environment variable says, in more than five windows:
    /// <c>MESHIA_TEST_BUDGET_KILLS=150 dotnet test tests/Meshia.Client.Tests --filter FullyQualifiedName~BudgetProcessTests</c>.
    /// </summary>
    private static readonly int? _asked = int.TryParse(Environment.GetEnvironmentVariable("MESHIA_TEST_BUDGET_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : null;

    private static readonly int _kills = _asked ?? 10;
    private static readonly int _processes = _asked is null ? 8 : 16;
    private static readonly TimeSpan _betweenKills = TimeSpan.FromSeconds(_asked is null ? 1 : 0.15);

    /// <summary>A process that is killed takes its places with it, and a new one has to start: the rest of a window is for that.</summary>
    private static readonly int _seconds = Math.Max(_asked is null ? 0 : 6 * Window / 1000, (int)(_kills * (_betweenKills.TotalSeconds + 0.05))) + 4;

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
        for (var i = 0; i < _processes; i++)
            Start(file, i);
        for (var i = 0; i < _kills; i++)
        {
            await Task.Delay(_betweenKills, cancellationToken);
            _running[i].Kill();
            Start(file, _processes + i);
            if (i == _kills / 2)
            {
                // A process that has just started knows of nothing; the others put it back before that.
                await Task.Delay(TimeSpan.FromSeconds(0.9), cancellationToken);
                File.Delete(file);
            }

            if (i == _kills * 3 / 4)
                await File.WriteAllBytesAsync(file, new byte[100], cancellationToken);
        }

        await Task.WhenAll(_running.Select(process => process.WaitForExitAsync(cancellationToken)));

        var requests = Directory.GetFiles(_folder, "*.sent").SelectMany(Read).OrderBy(request => request.Time).ToList();
        var sent = requests.ConvertAll(request => request.Time);
        var windows = (sent[^1] - sent[0]) / (double)Window;
        var later = requests.Where(request => request.Kind == RequestClass.Stop && request.Time > sent[0] + Window).Select(request => request.Wait).ToList();
        var whole = Enumerable.Range(1, Math.Max(1, (int)windows - 1)).Select(window => sent.Count(time => (time - sent[0]) / Window == window)).ToList();
        output.WriteLine(FormattableString.Invariant($"{sent.Count} requests in {windows:0.0} windows, after the first one {whole.Average() / BudgetPage.Slots:P0} of what is allowed ({string.Join(", ", whole)}); {later.Count} stops after the first window, the longest wait {later.DefaultIfEmpty().Max()} ms; {_processes} processes, {_kills} kills"));
        Assert.Empty(Directory.GetFiles(_folder, "*.alone"));
        // Two windows' worth at least, or nothing was tested.
        Assert.True(sent.Count > 2 * BudgetPage.Slots, $"{sent.Count} requests");
        for (var i = BudgetPage.Slots; i < sent.Count; i++)
            Assert.True(sent[i] - sent[i - BudgetPage.Slots] >= Window, $"{BudgetPage.Slots + 1} requests in {sent[i] - sent[i - BudgetPage.Slots]} ms of {Window}, the last one at {sent[i] - sent[0]} ms");
    }

    private static IEnumerable<(long Time, RequestClass Kind, int Wait)> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at + 16 <= bytes.Length; at += 16)
            yield return (BitConverter.ToInt64(bytes, at), (RequestClass)BitConverter.ToInt32(bytes, at + 8), BitConverter.ToInt32(bytes, at + 12));
    }

    private void Start(string file, int seed)
    {
        var number = seed.ToString(CultureInfo.InvariantCulture);
        _running.Add(BudgetUserProcess.Start(file, Window.ToString(CultureInfo.InvariantCulture), _seconds.ToString(CultureInfo.InvariantCulture), Path.Combine(_folder, $"{number}.sent"), number));
    }
}
