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

    /// <summary>Less than the default of 45, and longer beside what the sandbox does late, because a busy machine delays requests too.</summary>
    private const double SettleSeconds = 6;
    private const double LagSeconds = 2;

    private static readonly int _keys = int.Parse(Environment.GetEnvironmentVariable("MESHIA_TEST_CREATES") ?? "500", CultureInfo.InvariantCulture);

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
        for (var kills = 0; kills < 2 * Processes * Math.Max(1, _keys / 500); kills++)
        {
            await Task.Delay(TimeSpan.FromSeconds(kills < 2 * Processes ? 0.7 : 3), Cancel);
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

        var live = (await SessionsAsync()).Where(session => session.Status is "provisioning" or "running").ToList();
        var handedOut = Directory.GetFiles(_folder).SelectMany(File.ReadLines).Select(line => line.Split(' ')).Where(parts => parts.Length == 3).Select(parts => (Key: parts[0], Id: parts[1], Token: parts[2])).ToList();
        output.WriteLine($"{_keys} keys, {handedOut.Count} answers, {live.Count} live sessions, {_running.Count - Processes} kills");
        Assert.Equal(_keys, handedOut.Select(answer => answer.Key).Distinct().Count());
        Assert.True(_running.Count > Processes, "No process was killed.");
        // Extra: a key with two sessions. Wrong: a caller that was given another key's session, or one that is gone.
        Assert.Empty(live.GroupBy(session => session.Name).Where(group => group.Count() > 1).Select(group => group.Key));
        var names = live.ToDictionary(session => session.Id, session => session.Name);
        Assert.DoesNotContain(handedOut, answer => !names.TryGetValue(answer.Id, out var name) || !name.StartsWith($"many-o{answer.Token}-", StringComparison.Ordinal));

        async Task AddFaultAsync(object fault)
        {
            using var answer = await http.PostAsJsonAsync(new Uri(sandbox.BaseUri, "/sandbox/faults"), fault, Cancel);
            answer.EnsureSuccessStatusCode();
        }

        async Task<List<(string Id, string Name, string Status)>> SessionsAsync()
        {
            var sessions = new List<(string Id, string Name, string Status)>();
            for (string? page = "sessions"; page is not null;)
            {
                var answer = await http.GetFromJsonAsync<JsonElement>(page, Cancel);
                sessions.AddRange(answer.GetProperty("sessions").EnumerateArray().Select(session => (session.GetProperty("id").GetString()!, session.GetProperty("name").GetString()!, session.GetProperty("status").GetString()!)));
                page = answer.TryGetProperty("next_cursor", out var next) && next.ValueKind == JsonValueKind.String ? $"sessions?cursor={next.GetString()}" : null;
            }

            return sessions;
        }

        Process Start(int number)
        {
            // Each half of the processes has all keys.
            var share = _keys / (Processes / 2);
            var program = Path.Combine(Repository.Root, "tests", "BudgetUser", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "BudgetUser.dll");
            string[] arguments = [program, "once", sandbox.BaseUri.AbsoluteUri, Text(SettleSeconds), Text(number % (Processes / 2) * share), Text(number % (Processes / 2) == (Processes / 2) - 1 ? _keys - (share * ((Processes / 2) - 1)) : share), Path.Combine(_folder, $"{number}.txt")];
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments);
            start.Environment["MESHIA_API_KEY"] = sandbox.Key;
            _running.Add(Process.Start(start)!);
            return _running[^1];
        }
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
