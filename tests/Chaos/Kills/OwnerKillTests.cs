using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Meshia.Chaos.Tests;

/// <summary>
/// A script that keeps a session ends in every way: nothing runs afterwards, and its exit code is the one of a script
/// without a session. How long each stop takes to arrive is printed, and not judged.
/// </summary>
public sealed class OwnerKillTests : IDisposable
{
    private const string Owner = """
        param($Uri, $Key, $Name, $MaxDuration)
        $more = if ($MaxDuration) { @{ MaxDuration = $MaxDuration } } else { @{} }
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        Use-MeshiaSession -Gpu rtx4090 -Name $Name @more { param($session) [Console]::Out.WriteLine($session.Id); Start-Sleep 300 }
        """;

    private const string Plain = "[Console]::Out.WriteLine('ready'); Start-Sleep 300";

    private const string Sweep = """
        param($Uri, $Key)
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        Stop-MeshiaSession -Expired
        """;

    private static readonly string[] _container = ["unshare", "-r", "--pid", "--fork", "--mount-proc"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");
    private int _folders;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_runs_after_its_owner_got_a_signal_or_was_killed_alone_with_its_children_or_with_its_group()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        await EndOwnersAsync([
            new("SIGTERM", [], owner => Send(owner.Id, 15)),
            new("SIGHUP", [], owner => Send(owner.Id, 1)),
            new("SIGINT", [], owner => Send(owner.Id, 2)),
            new("SIGKILL", [], owner => Send(owner.Id, 9)),
            new("kill of the tree", [], owner => owner.KillTree()),
            // The owner leads a group of its own, as the job of a runner.
            .. OperatingSystem.IsLinux() ? [new Way("kill of the group", ["setsid"], owner => Send(-owner.Id, 9))] : Array.Empty<Way>(),
        ]);
    }

    [Fact]
    public async Task Nothing_runs_after_process_1_of_a_container_got_a_signal_and_after_a_sweep_where_the_container_is_lost()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has namespaces of processes.");
        Assert.SkipUnless(await CanContainAsync(), "unshare is missing, or may not make a namespace of processes.");
        await EndOwnersAsync([new("SIGTERM to process 1", _container, owner => Send(Child(owner.Id), 15))]);

        // Nothing in a container outlives its process 1. What its deadline is for.
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "lost"), "--idle-minutes", "600");
        var ids = new List<string>();
        for (var number = 0; number < (ChaosRun.IsFull ? 20 : 1); number++)
        {
            using var owner = Victim.StartScriptWithin(_container, NewFolder(), Owner, sandbox.BaseUri, Sandbox.Key, $"lost-{number}", "1m");
            ids.Add(await owner.ReadLineAsync() ?? "");
            Send(Child(owner.Id), 9);
            await owner.EndAsync();
        }

        var live = await LiveAsync(sandbox);
        Assert.Equal(ids.Order(), live.Order());
        using (var step = await sandbox.Http.PostAsync(new Uri(new Uri(sandbox.BaseUri), "/sandbox/clock/step"), new StringContent("""{"seconds":150}""", null, "application/json"), ChaosRun.Cancel))
            step.EnsureSuccessStatusCode();
        using var sweep = Victim.StartScript(NewFolder(), Sweep, sandbox.BaseUri, Sandbox.Key);
        Assert.Equal((0, "", ""), await sweep.EndAsync());
        Assert.Empty(await LiveAsync(sandbox));
        ChaosRun.Say($"container lost: {ids.Count} owners, {live.Count} running before the sweep, 0 after it");
    }

    /// <summary>Starts owners, some at the same time, and ends each at some moment after its session runs.</summary>
    private async Task EndOwnersAsync(Way[] ways)
    {
        var run = new ChaosRun(usual: 1);
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "data"), "--idle-minutes", "600");
        var usual = ways.ToDictionary(way => way, _ => 0);
        await Parallel.ForEachAsync(ways, ChaosRun.Cancel, async (way, _) =>
        {
            using var plain = Victim.StartScriptWithin([.. way.Launcher, .. DefaultSignals], NewFolder(), Plain);
            Assert.Equal("ready", await plain.ReadLineAsync());
            way.End(plain);
            var exitCode = (await plain.EndAsync()).ExitCode;
            lock (usual)
                usual[way] = exitCode;
        });

        var ends = new ConcurrentBag<(Way Way, int ExitCode, TimeSpan? Stop, bool IsRunning)>();
        // The guard needs a second to start: some owners end before that.
        var owners = Enumerable.Range(0, run.Rounds).SelectMany(round => ways.Select(way => (Round: round, Way: way, Delay: TimeSpan.FromSeconds(2 * run.Random.NextDouble())))).ToList();
        await Parallel.ForEachAsync(owners, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = ChaosRun.Cancel }, async (next, _) =>
        {
            using var owner = Victim.StartScriptWithin([.. next.Way.Launcher, .. DefaultSignals], NewFolder(), Owner, sandbox.BaseUri, Sandbox.Key, $"owner-{next.Round}");
            var id = await owner.ReadLineAsync() ?? throw new InvalidOperationException((await owner.EndAsync()).Errors);
            await Task.Delay(next.Delay, ChaosRun.Cancel);
            var sentAt = DateTimeOffset.UtcNow;
            next.Way.End(owner);
            var exitCode = (await owner.EndAsync()).ExitCode;
            var isRunning = !await StopsAsync(sandbox, id);
            var stop = (await sandbox.GetAsync($"/sandbox/requests?method=POST&path=/sessions/{id}/stop")).GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("at").GetDateTimeOffset() - sentAt).Cast<TimeSpan?>().FirstOrDefault();
            ends.Add((next.Way, exitCode, stop, isRunning));
        });

        foreach (var way in ways)
        {
            var ended = ends.Where(end => end.Way == way).ToList();
            var stops = ended.Select(end => end.Stop).OfType<TimeSpan>().Select(time => time.TotalMilliseconds).Order().ToList();
            ChaosRun.Say(FormattableString.Invariant($"{way.Name}: {ended.Count} owners, {ended.Count(end => end.IsRunning)} running afterwards; stop sent after {At(0.5):0} ms (median), {At(0.99):0} ms (99 %), {At(1):0} ms (longest); exit codes {string.Join(", ", ended.GroupBy(end => end.ExitCode).Select(group => $"{group.Key} ({group.Count()})"))}, without a session {usual[way]}"));
            double At(double share) => stops.Count == 0 ? double.NaN : stops[Math.Min(stops.Count - 1, (int)(share * stops.Count))];
        }

        Assert.Equal(owners.Count, ends.Count);
        Assert.DoesNotContain(ends, end => end.IsRunning);
        Assert.DoesNotContain(ends, end => end.ExitCode != usual[end.Way]);
        Assert.Empty(await LiveAsync(sandbox));
    }

    /// <summary>Waits until a session is being stopped. Only a broken test waits long.</summary>
    private static async Task<bool> StopsAsync(Sandbox sandbox, string id)
    {
        var watch = Stopwatch.StartNew();
        while ((await sandbox.GetAsync($"sessions/{id}")).GetProperty("status").GetString() is "provisioning" or "running")
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(90))
                return false;
            await Task.Delay(100, ChaosRun.Cancel);
        }

        return true;
    }

    private static async Task<List<string>> LiveAsync(Sandbox sandbox)
    {
        var live = new List<string>();
        for (var page = "sessions?limit=100"; page.Length > 0;)
        {
            var answer = await sandbox.GetAsync(page);
            live.AddRange(answer.GetProperty("sessions").EnumerateArray().Where(session => session.GetProperty("status").GetString() is "provisioning" or "running").Select(session => session.GetProperty("id").GetString()!));
            page = answer.TryGetProperty("next_cursor", out var next) && next.ValueKind == JsonValueKind.String ? $"sessions?limit=100&cursor={next.GetString()}" : "";
        }

        return live;
    }

    private static async Task<bool> CanContainAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(_container[0], [.. _container.Skip(1), "true"]) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(ChaosRun.Cancel);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Where these tests were started with a signal ignored, as a background job of a script is, the owner gets it all the same.</summary>
    private static string[] DefaultSignals => OperatingSystem.IsLinux() ? ["env", "--default-signal"] : [];

    private static int Child(int id) => int.Parse(File.ReadAllText($"/proc/{id}/task/{id}/children").Trim(), System.Globalization.CultureInfo.InvariantCulture);

    private static void Send(int id, int signal) => Assert.Equal(0, Kill(id, signal));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int id, int signal);

    private string NewFolder() => _folder.CreateSubdirectory($"{Interlocked.Increment(ref _folders)}").FullName;

    /// <summary>How a process ends.</summary>
    /// <param name="Name">For the output.</param>
    /// <param name="Launcher">The program that starts it.</param>
    /// <param name="End">Ends it.</param>
    private sealed record Way(string Name, string[] Launcher, Action<Victim> End);
}
