using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Meshia.Sandbox;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Real processes that are killed and run again, with one session for each key: 500 keys over 8 processes. To run more:
/// <c>MESHIA_TEST_CREATES=10000 dotnet test tests/Meshia.PowerShell.Tests --filter FullyQualifiedName~OnceProcessTests</c>.
/// </summary>
public sealed class OnceProcessTests(ITestOutputHelper output) : IDisposable
{
    private const int Processes = 8;
    private const double LagSeconds = 2;

    private static readonly int _keys = int.Parse(Environment.GetEnvironmentVariable("MESHIA_TEST_CREATES") ?? "500", CultureInfo.InvariantCulture);
    private static readonly bool _isFull = _keys > 500;

    /// <summary>
    /// Less than the default of 45, and longer beside what the sandbox does late, because a busy machine delays requests too:
    /// in the full run, lists of thousands are read while other processes are started.
    /// </summary>
    private static readonly double _settleSeconds = _isFull ? 20 : 6;

    /// <summary>How many keys a process starts at the same time.</summary>
    private static readonly int _atATime = _isFull ? 200 : 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-once-").FullName;
    private readonly List<Process> _running = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
    public async Task Processes_that_are_killed_and_run_again_leave_one_session_for_each_key()
    {
        await using var sandbox = await SandboxApplication.StartAsync(new() { Seed = 7, RateLimit = int.MaxValue, Provisioning = TimeSpan.FromHours(1), Key = ModuleSession.NewKey() }, TimeProvider.System, Cancel);
        using var http = new HttpClient { BaseAddress = new Uri($"{sandbox.BaseUri}/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.Key);
        await AddFaultAsync(new { on = "GET /sessions", effect = "lag", seconds = LagSeconds, flap = 0.2 });
        await AddFaultAsync(new { on = "POST /sessions", effect = "cutafter", probability = 0.1 });
        // Two processes have each key, as two machines that run the same job.
        var owners = Enumerable.Range(0, Processes).Select(number => Start(number)).ToList();
        // The first die young, before they have their first session. With more keys the kills go on as long as there is work.
        for (var kills = 0; owners.Exists(owner => !owner.HasExited) && (_isFull || kills < 2 * Processes); kills++)
        {
            await Task.Delay(TimeSpan.FromSeconds(kills < 2 * Processes ? 0.7 : 4), Cancel);
            var number = kills % Processes;
            if (owners[number].HasExited)
                continue;
            owners[number].Kill();
            await owners[number].WaitForExitAsync(Cancel);
            owners[number] = Start(number);
        }

        await Task.WhenAll(owners.Select(owner => owner.WaitForExitAsync(Cancel)));
        // What a killed process had asked for shows up in the list, and one sweep ends what it finds.
        await Task.Delay(TimeSpan.FromSeconds(2 * LagSeconds), Cancel);
        await http.DeleteAsync(new Uri(sandbox.BaseUri, "/sandbox/faults"), Cancel);
        using (var session = new ModuleSession())
        {
            session.Connect(sandbox.BaseUri, sandbox.Key);
            session.Invoke("Stop-MeshiaSession -Duplicate");
        }

        var sessions = (await SessionsAsync()).ToDictionary(session => session.GetProperty("id").GetString()!);
        var live = sessions.Where(session => session.Value.GetProperty("status").GetString() is "provisioning" or "running").ToDictionary(session => session.Key, session => session.Value.GetProperty("name").GetString()!);
        var handedOut = Directory.GetFiles(_folder).SelectMany(File.ReadLines).Select(line => line.Split(' ')).Where(parts => parts.Length == 4).Select(parts => (Key: parts[0], Id: parts[1], Token: parts[2], At: parts[3])).ToList();
        // Extra: a key with two sessions. Wrong: a caller that was given another key's session, or one that is gone.
        var extra = live.GroupBy(session => session.Value).Where(group => group.Count() > 1).SelectMany(group => group.Skip(1)).Select(session => session.Key).ToList();
        var wrong = handedOut.Where(answer => !live.TryGetValue(answer.Id, out var name) || !name.StartsWith($"many-o{answer.Token}-", StringComparison.Ordinal)).ToList();
        output.WriteLine($"{_keys} keys, {handedOut.Count} answers, {sessions.Count} sessions created, {live.Count} live, {_running.Count - Processes} kills: extra {extra.Count}, wrong {wrong.Count}");
        foreach (var answer in wrong.Take(5))
            output.WriteLine($"{answer}: {sessions[answer.Id]}; live: {string.Join(", ", live.Where(session => session.Value.StartsWith($"many-o{answer.Token}-", StringComparison.Ordinal)).Select(session => sessions[session.Key]))}");
        Assert.Equal(_keys, handedOut.Select(answer => answer.Key).Distinct().Count());
        Assert.True(_running.Count > Processes, "No process was killed.");
        Assert.Empty(extra);
        Assert.Empty(wrong);

        async Task AddFaultAsync(object fault)
        {
            using var answer = await http.PostAsJsonAsync(new Uri(sandbox.BaseUri, "/sandbox/faults"), fault, Cancel);
            answer.EnsureSuccessStatusCode();
        }

        async Task<List<JsonElement>> SessionsAsync()
        {
            var sessions = new List<JsonElement>();
            for (string? page = "sessions"; page is not null;)
            {
                var answer = await http.GetFromJsonAsync<JsonElement>(page, Cancel);
                sessions.AddRange(answer.GetProperty("sessions").EnumerateArray());
                page = answer.TryGetProperty("next_cursor", out var next) && next.ValueKind == JsonValueKind.String ? $"sessions?cursor={next.GetString()}" : null;
            }

            return sessions;
        }

        Process Start(int number)
        {
            // Each half of the processes has all keys.
            var share = _keys / (Processes / 2);
            var program = Path.Combine(Repository.Root, "tests", "BudgetUser", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "BudgetUser.dll");
            string[] arguments = [program, "once", sandbox.BaseUri.AbsoluteUri, Text(_settleSeconds), Text(number % (Processes / 2) * share), Text(number % (Processes / 2) == (Processes / 2) - 1 ? _keys - (share * ((Processes / 2) - 1)) : share), Path.Combine(_folder, $"{number}.txt"), Text(_atATime)];
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments);
            start.Environment["MESHIA_API_KEY"] = sandbox.Key;
            _running.Add(Process.Start(start)!);
            return _running[^1];
        }
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
