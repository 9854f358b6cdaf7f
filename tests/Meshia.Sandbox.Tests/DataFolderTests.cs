using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Meshia.Sandbox.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-test-data-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("state")]
    [InlineData("state.db")]
    public async Task A_second_sandbox_on_the_same_data_refuses_and_names_the_first(string name)
    {
        var options = TestSandbox.Options with { Data = Path.Combine(_folder.FullName, name) };
        await using (var first = await TestSandbox.StartAsync(options))
        {
            var refused = await Assert.ThrowsAsync<IOException>(() => TestSandbox.StartAsync(options));
            Assert.Contains($"process id {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} at ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(first.BaseUri.GetLeftPart(UriPartial.Authority), refused.Message, StringComparison.Ordinal);
            await first.CreateSessionAsync();
        }

        await using var next = await TestSandbox.StartAsync(options);
        Assert.Single((await next.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_can_read_the_data(bool folderExists)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no modes of files.");
        var path = Path.Combine(_folder.FullName, "state");
        if (folderExists)
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Data = path });
        await sandbox.CreateSessionAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        var files = Directory.GetFiles(path);
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        Each.Of(files, file => Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file))));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_with_other_files_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no modes of files.");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "notes.txt"), "", TestSandbox.Cancel);
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_folder.FullName, Mode);
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Data = _folder.FullName });
        Assert.Equal(Mode, File.GetUnixFileMode(_folder.FullName));
    }

    [Fact]
    public async Task What_a_killed_sandbox_leaves_is_swept_at_the_next_start()
    {
        string left;
        using (var process = SandboxProcess.Start(TestSandbox.Key))
        {
            left = (await SandboxProcess.ReadyAsync(process)).GetProperty("data").GetString()!;
            Assert.True(Directory.Exists(left));
            // From here on, a sandbox of another test may sweep it too.
            process.Kill();
            await process.WaitForExitAsync(TestSandbox.Cancel);
        }

        await using var running = await TestSandbox.StartAsync();
        // It sweeps in the background, and does not end before it has.
        await using (await TestSandbox.StartAsync())
        {
        }

        // Another one may be about to delete it. Only a broken test waits long.
        for (var tries = 0; Directory.Exists(left) && tries < 500; tries++)
            await Task.Delay(20, TestSandbox.Cancel);
        Assert.False(Directory.Exists(left));
        // That of a sandbox that runs is not touched.
        await running.CreateSessionAsync();
    }

    [Fact]
    public async Task Nothing_that_was_answered_is_lost_by_kills_under_load()
    {
        const int Kills = 5;
        var answered = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = SandboxProcess.Start(TestSandbox.Key, "--data", _folder.FullName, "--rate-limit", "1000000", "--provisioning-seconds", "3600");
            using var client = SandboxProcess.Client(await SandboxProcess.ReadyAsync(process), TestSandbox.Key);
            var senders = Enumerable.Range(0, 4).Select(_ => SendAsync(client, answered)).ToList();
            while (!senders.Any(sender => sender.IsCompleted) && Count(answered) < (kill + 1) * 50)
                await Task.Delay(5, TestSandbox.Cancel);
            process.Kill();
            await process.WaitForExitAsync(TestSandbox.Cancel);
            await Task.WhenAll(senders);
        }

        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Data = _folder.FullName, Seed = null });
        var kept = (await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("id").GetString()!).ToHashSet();
        Assert.True(answered.Count >= Kills * 50, $"Only {answered.Count} were answered.");
        Assert.Empty(answered.Except(kept));
    }

    private static int Count(List<string> answered)
    {
        lock (answered)
            return answered.Count;
    }

    private static async Task SendAsync(HttpClient client, List<string> answered)
    {
        try
        {
            while (true)
            {
                using var content = new StringContent("""{"name":"x","gpu":"a100"}""");
                using var response = await client.PostAsync("sessions", content, TestSandbox.Cancel);
                var id = TestSandbox.Parse(await response.Content.ReadAsStringAsync(TestSandbox.Cancel)).GetProperty("id").GetString()!;
                lock (answered)
                    answered.Add(id);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            Debug.WriteLine(exception.Message);
        }
    }
}
