using System.Diagnostics;

namespace Meshia.Chaos.Tests;

/// <summary>A script that starts a session is killed at any moment: run again, there is one session, and it is known.</summary>
public sealed class CreateKillTests : IDisposable
{
    private const string Script = """
        param($Uri, $Key, $Job)
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        [Console]::Out.WriteLine('ready')
        $session = New-MeshiaSession -Name chaos -Gpu rtx4090 -Once $Job -WarningAction SilentlyContinue
        [Console]::Out.WriteLine("$session")
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Run_again_after_a_kill_there_is_one_session_for_each_key()
    {
        var run = new ChaosRun(usual: 3);
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "data"));
        var watch = new Stopwatch();
        using (var undisturbed = Start(sandbox, "first"))
        {
            await undisturbed.ReadLineAsync();
            watch.Start();
            Assert.Equal(0, (await undisturbed.EndAsync()).ExitCode);
            watch.Stop();
        }

        var killed = 0;
        for (var round = 0; round < run.Rounds; round++)
        {
            var time = watch.Elapsed * run.Random.NextDouble();
            using (var victim = Start(sandbox, $"job-{round}"))
            {
                Assert.Equal("ready", await victim.ReadLineAsync());
                await victim.KillAfterAsync(time);
                killed++;
            }

            using var next = Start(sandbox, $"job-{round}");
            var (exitCode, output, errors) = await next.EndAsync();

            Assert.True((exitCode, errors) == (0, ""), $"{errors} ({run.Round(round)}, killed after {time.TotalMilliseconds} ms)");
            var id = output.Trim().Split('\n')[^1];
            var live = (await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray().Where(session => session.GetProperty("status").GetString() is "running" or "provisioning").Select(session => session.GetProperty("id").GetString()).ToList();
            // The one of the run that was not disturbed, one for each round before, and this one.
            Assert.True(live.Count == round + 2 && live.Contains(id), $"{live.Count} sessions are live, and {id} was given ({run.Round(round)}, killed after {time.TotalMilliseconds} ms)");
        }

        Assert.Equal(run.Rounds, killed);
    }

    private Victim Start(Sandbox sandbox, string job) => Victim.StartScript(_folder.FullName, Script, sandbox.BaseUri, Sandbox.Key, job);
}
