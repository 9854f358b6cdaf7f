using System.Net.Http.Json;
using System.Text.Json;

namespace Meshia.Sandbox.Tests;

/// <summary>
/// Killed under load, again and again: what was answered is there after the restart. It takes three kills here; the whole of
/// it is <c>MESHIA_SANDBOX_KILLS=200 dotnet exec Meshia.Sandbox.Tests.dll -class "*.KillTests"</c>.
/// </summary>
public sealed class KillTests : IDisposable
{
    private static readonly int _kills = int.TryParse(Environment.GetEnvironmentVariable("MESHIA_SANDBOX_KILLS"), out var kills) ? kills : 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-sandbox-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_that_was_answered_is_lost()
    {
        var answered = new HashSet<string>();
        for (var kill = 0; kill < _kills; kill++)
        {
            using var process = SandboxProcess.Start(TestSandbox.Key, "--data", _folder.FullName, "--seed", "7", "--rate-limit", "1000000", "--exit-with-stdin");
            var ready = await SandboxProcess.ReadyAsync(process);
            using var client = SandboxProcess.Client(ready, TestSandbox.Key);
            Assert.Empty(answered.Except(await IdsAsync(client)));

            var before = answered.Count;
            var load = Enumerable.Range(0, 4).Select(_ => CreateAsync(client, answered)).ToArray();
            // Another moment each time, but never before something was answered.
            while (Count(answered) < before + 1 + (kill % 20))
                await Task.Delay(1, TestSandbox.Cancel);
            process.Kill();
            await Task.WhenAll(load);
            await process.WaitForExitAsync(TestSandbox.Cancel);
        }

        using var last = SandboxProcess.Start(TestSandbox.Key, "--data", _folder.FullName, "--rate-limit", "1000000", "--exit-with-stdin");
        using var reader = SandboxProcess.Client(await SandboxProcess.ReadyAsync(last), TestSandbox.Key);
        Assert.Empty(answered.Except(await IdsAsync(reader)));
        Assert.True(answered.Count >= _kills, $"{answered.Count} creations were answered.");
        TestContext.Current.SendDiagnosticMessage($"{_kills} kills, {answered.Count} creations answered, none lost.");
        last.Kill();
        await last.WaitForExitAsync(TestSandbox.Cancel);
    }

    /// <summary>Creates sessions until the connection breaks.</summary>
    private static async Task CreateAsync(HttpClient client, HashSet<string> answered)
    {
        while (true)
        {
            try
            {
                using var response = await client.PostAsJsonAsync("sessions", new { name = "load", gpu = "h100" }, TestSandbox.Cancel);
                Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
                var id = (await response.Content.ReadFromJsonAsync<JsonElement>(TestSandbox.Cancel)).GetProperty("id").GetString()!;
                lock (answered)
                    answered.Add(id);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                return;
            }
        }
    }

    private static int Count(HashSet<string> answered)
    {
        lock (answered)
            return answered.Count;
    }

    private static async Task<IEnumerable<string>> IdsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("sessions", TestSandbox.Cancel)).GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("id").GetString()!);
}
