using System.Globalization;

namespace Meshia.Chaos.Tests;

/// <summary>
/// 16 scripts use one key of a sandbox that allows 60 requests a minute, and are killed again and again. It takes six minutes
/// of the clock, so it runs only where it is asked for: see tests/README.md.
/// </summary>
public sealed class SharedLimitTests : IDisposable
{
    private const int Scripts = 16;
    private const int Limit = 60;
    private const int Minutes = 6;

    private const string Script = """
        param($Uri, $Key, $Config, $Seed)
        $env:MESHIA_CONFIG_PATH = $Config
        Connect-Meshia -ApiKey $Key -BaseUri $Uri
        $random = [Random]::new($Seed)
        $sessions = [Collections.Generic.Queue[string]]::new()
        while ($true) {
            switch ($random.Next(100)) {
                { $_ -lt 65 } { $null = Get-MeshiaSession | Select-Object -First 1; break }
                { $_ -lt 75 } { if ($sessions.Count) { $null = Wait-MeshiaSession $sessions.Peek() -TimeoutSeconds 60 }; break }
                { $_ -lt 90 } { $sessions.Enqueue((New-MeshiaSession -Gpu rtx4090 -Name "script-$Seed").Id); break }
                default { if ($sessions.Count) { Stop-MeshiaSession $sessions.Dequeue() -Confirm:$false }; break }
            }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact(Explicit = true)]
    public async Task No_request_of_16_scripts_with_one_key_is_answered_429_while_they_are_killed()
    {
        var run = new ChaosRun(usual: 1);
        using var sandbox = await Sandbox.StartAsync(Path.Combine(_folder.FullName, "data"), "--idle-minutes", "600", "--rate-limit", Limit.ToString(CultureInfo.InvariantCulture));
        var (scripts, number, kills) = (new List<Victim>(), 0, 0);
        try
        {
            for (var i = 0; i < Scripts; i++)
                scripts.Add(Start());
            for (var end = DateTime.UtcNow.AddMinutes(Minutes); DateTime.UtcNow < end; kills++)
            {
                await Task.Delay(TimeSpan.FromSeconds(2), ChaosRun.Cancel);
                var place = run.Random.Next(Scripts);
                scripts[place].Dispose();
                scripts[place] = Start();
            }
        }
        finally
        {
            scripts.ForEach(script => script.Dispose());
        }

        var requests = (await sandbox.GetAsync("/sandbox/requests")).GetProperty("requests").EnumerateArray().ToList();
        var times = requests.ConvertAll(request => request.GetProperty("at").GetDateTimeOffset());
        // Whole minutes after the first one.
        var later = Enumerable.Range(1, Minutes).Where(minute => times[0].AddMinutes(minute + 1) <= times[^1]).Select(minute => times.Count(time => time >= times[0].AddMinutes(minute) && time < times[0].AddMinutes(minute + 1))).ToList();
        var refused = requests.Count(request => request.GetProperty("status").GetInt32() == 429);
        ChaosRun.Say($"{requests.Count} requests in {Minutes} minutes, {refused} answered 429; {kills} kills; after the first minute: {string.Join(", ", later)} of {Limit}; {requests.Count(request => request.GetProperty("path").GetString()!.EndsWith("/stop", StringComparison.Ordinal))} stops");
        Assert.True(requests.Count > Limit * Minutes / 2, $"{requests.Count} requests");
        Assert.Equal(0, refused);

        Victim Start()
        {
            var folder = _folder.CreateSubdirectory(number.ToString(CultureInfo.InvariantCulture)).FullName;
            return Victim.StartScript(folder, Script, sandbox.BaseUri, Sandbox.Key, Path.Combine(_folder.FullName, "config"), (run.Seed % 1000 + number++).ToString(CultureInfo.InvariantCulture));
        }
    }
}
