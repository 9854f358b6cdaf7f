using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>What a user sees of the requests a minute that the processes of a machine share.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class RateLimitTests : IDisposable
{
    private const string Variable = "MESHIA_REQUESTS_PER_MINUTE";

    private readonly Account _account = new();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _account.Dispose();
    }

    [Fact]
    public async Task A_long_wait_shows_progress_and_says_why()
    {
        await using var service = await ScriptedService.StartAsync(new Reply(429).With("Retry-After", "3"), Reply.Ok("""{"id":"sess_1"}"""));
        _account.Session.Connect(service.BaseUri, retries: 0);
        Assert.NotNull(_account.Session.Invoke("Get-MeshiaSession sess_1").Error);

        var result = _account.Session.Invoke("Get-MeshiaSession sess_1 -Verbose");

        Assert.Single(result.Output);
        var waits = result.Progress.Where(progress => progress.Activity == "Waiting for the rate limit").ToList();
        Assert.InRange(waits[0].SecondsRemaining, 1, 3);
        Assert.Contains("too many requests", waits[0].StatusDescription, StringComparison.Ordinal);
        Assert.Equal(ProgressRecordType.Completed, waits[^1].RecordType);
        Assert.Contains(result.Verbose, message => message.StartsWith("Waiting", StringComparison.Ordinal));
        Assert.Equal(2, service.Requests.Count);
    }

    [Fact]
    public async Task A_machine_keeps_to_its_part_and_the_count_is_of_all_its_processes()
    {
        Environment.SetEnvironmentVariable(Variable, "20");
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}"""));
        var key = ModuleSession.NewKey();
        _account.Session.Connect(service.BaseUri, key);
        _account.Session.Output("Get-MeshiaSession sess_1");
        using var shell = new ShellProcess();

        var (code, output, error) = await shell.RunAsync("Get-MeshiaSession sess_1 | Out-Null; $limit = Get-MeshiaRateLimit; \"$($limit.Limit) $($limit.Used) $($limit.IsShared) $($limit.Commands)\"", start =>
        {
            start.Environment["MESHIA_API_KEY"] = key;
            start.Environment["MESHIA_BASE_URI"] = service.BaseUri.AbsoluteUri;
            start.Environment["MESHIA_CONFIG_PATH"] = _account.Folder;
        });

        Assert.Equal((0, "20 2 True Get-MeshiaSession: 1\n"), (code, output));
        Assert.Empty(error);
        var limit = Assert.Single(_account.Session.Output("Get-MeshiaRateLimit"));
        Assert.Equal((20, 2), (limit.Properties["Limit"].Value, limit.Properties["Used"].Value));
        // No file has the key, nor its name.
        Each.Of(Directory.GetFiles(_account.Folder, "*", SearchOption.AllDirectories), file =>
        {
            Assert.DoesNotContain(key, file, StringComparison.Ordinal);
            Assert.DoesNotContain(key, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("0")]
    [InlineData("61")]
    [InlineData("many")]
    [InlineData("1.5")]
    public void A_part_that_makes_no_sense_is_refused_with_what_would_be_right(string value)
    {
        Environment.SetEnvironmentVariable(Variable, value);

        var error = _account.Session.Invoke("Connect-Meshia $key", ("key", ModuleSession.NewKey())).Error.ToString();

        Assert.Contains(Variable, error, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", error, StringComparison.Ordinal);
        Assert.Contains("from 1 to 60", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_used_stops_no_call_and_is_said_once()
    {
        // A file where the folder should be.
        await File.WriteAllTextAsync(Path.Combine(_account.Folder, "state"), "", TestContext.Current.CancellationToken);
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"sess_1"}"""));
        _account.Session.Connect(service.BaseUri);

        var first = _account.Session.Invoke("Get-MeshiaSession sess_1");
        var second = _account.Session.Invoke("Get-MeshiaSession sess_1");

        Assert.Single(first.Output);
        Assert.Single(second.Output);
        Assert.Contains("MESHIA_CONFIG_PATH", Assert.Single(first.Warnings), StringComparison.Ordinal);
        Assert.Empty(second.Warnings);
        Assert.Equal(false, _account.Session.Output("(Get-MeshiaRateLimit).IsShared").Single().BaseObject);
    }
}
