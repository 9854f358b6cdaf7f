using System.Collections.Concurrent;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>A key that is revoked or rotated while a script runs.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class DeadKeyTests : IDisposable
{
    private readonly Account _account = new();
    private readonly ConcurrentDictionary<string, int> _dead = new();

    public void Dispose() => _account.Dispose();

    [Fact]
    public async Task The_first_refusal_ends_the_pipeline_says_whose_key_it_was_and_sends_nothing_else()
    {
        await using var service = await StartAsync();
        var key = ModuleSession.NewKey();
        _account.Save("work", key, service.BaseUri);
        // Dead from its third request on.
        _dead[key] = 2;

        var error = _account.Failure("Connect-Meshia -Profile work; $null = 'a', 'b', 'c', 'd' | Get-MeshiaSession -ErrorAction SilentlyContinue | Get-MeshiaExperiment");

        Assert.StartsWith("unauthorized,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.EndsWith($"The key was {Account.Shown(key)}, of profile 'work', from vault 'Store'.", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.Exception.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        // One each for a and its experiments, and the one that was refused.
        Assert.Equal(["GET /sessions/a", "GET /sessions/a/experiments", "GET /sessions/b"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task A_refusal_midway_through_pages_keeps_what_came_before()
    {
        var key = ModuleSession.NewKey();
        await using var service = await ScriptedService.StartAsync(request => request.Query.Contains("cursor", StringComparison.Ordinal)
            ? Reply.Error(401, "unauthorized")
            : Reply.Ok($$"""{"sessions":[{{SessionJson.Of("a")}}],"next_cursor":"x"}"""));
        _account.Save("default", key, service.BaseUri);

        var result = _account.Session.Invoke("$seen = @(); try { Get-MeshiaSession | ForEach-Object { $seen += $_.Id } } catch { $failure = $_ }; $seen; $failure.ToString()");

        Assert.Equal("a", result.Output[0].ToString());
        Assert.EndsWith("of profile 'default', from vault 'Store'.", result.Output[1].ToString(), StringComparison.Ordinal);
        Assert.Equal(2, service.Requests.Count);
    }

    [Theory]
    [InlineData("Connect-Meshia -Profile work", "Get-MeshiaSession", "Profile")]
    [InlineData("", "Get-MeshiaSession -Profile work", "Profile")]
    [InlineData("Connect-Meshia", "Get-MeshiaSession", "DefaultProfile")]
    [InlineData("", "Get-MeshiaSession", "DefaultProfile")]
    public async Task A_rotated_key_is_read_again_by_the_next_command(string before, string command, string source)
    {
        await using var service = await StartAsync();
        var profile = source == "DefaultProfile" ? "default" : "work";
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save(profile, old, service.BaseUri);
        _account.Session.Output($"{before}\n{command}");
        _dead[old] = 0;
        _account.Session.Output($"Set-Secret Meshia-{profile} $key Store", ("key", rotated));

        Assert.StartsWith("unauthorized,", _account.Session.Invoke(command).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        _account.Session.Output(command);

        Assert.Equal([old, old, rotated], service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]));
        Assert.Equal(source, _account.Session.Output($"(Get-MeshiaConnection {(command.Contains("-Profile", StringComparison.Ordinal) ? "-Profile work" : "")}).KeySource")[0].ToString());
    }

    [Fact]
    public async Task A_dead_account_is_never_replaced_by_another()
    {
        await using var service = await StartAsync();
        var (work, byDefault, set) = (ModuleSession.NewKey(), ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", work, service.BaseUri);
        _account.Save("default", byDefault, service.BaseUri);
        _account.Session.Output("Connect-Meshia -Profile work -TimeoutSeconds 77");
        (Account.Key, Account.Address) = (set, service.BaseUri.AbsoluteUri);
        _dead[work] = 0;

        var results = Enumerable.Range(0, 3).Select(_ => _account.Session.Invoke("Get-MeshiaSession")).ToList();

        Each.Of(results, result => Assert.StartsWith("unauthorized,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Each.Of(service.Requests, request => Assert.Equal($"Bearer {work}", request.Headers["Authorization"]));
        Assert.Equal(3, service.Requests.Count);
        // It stays the connection that was asked for, in every setting.
        var connection = Assert.Single(_account.Session.Output("Get-MeshiaConnection"));
        Assert.Equal("work", connection.Properties["Profile"].Value);
        Assert.Equal(77, connection.Properties["TimeoutSeconds"].Value);
    }

    [Fact]
    public async Task A_key_that_was_saved_is_read_again_too_and_one_that_was_not_cannot_be()
    {
        await using var service = await StartAsync();
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _dead[old] = 0;
        _account.Session.Output("Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile work", ("key", old), ("uri", service.BaseUri));

        var saved = _account.Session.Invoke("Get-MeshiaSession");
        _account.Session.Output("Set-Secret Meshia-work $key Store; Get-MeshiaSession", ("key", rotated));
        _account.Session.Connect(service.BaseUri, old);
        var given = _account.Session.Invoke("Get-MeshiaSession");

        Assert.EndsWith($"The key was {Account.Shown(old)}, given to Connect-Meshia and saved as profile 'work' in vault 'Store'.", saved.Error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"The key was {Account.Shown(old)}, given to Connect-Meshia.", given.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal([old, rotated, old], service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]));
    }

    [Fact]
    public async Task A_test_of_the_connection_also_finds_the_rotated_key()
    {
        await using var service = await StartAsync();
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", old, service.BaseUri);
        _dead[old] = 0;

        var outcomes = _account.Session.Output("Test-MeshiaConnection -Quiet -Profile work; Set-Secret Meshia-work $key Store; Test-MeshiaConnection -Quiet -Profile work", ("key", rotated));

        Assert.Equal([false, true], outcomes.Select(outcome => (bool)outcome.BaseObject));
    }

    [Fact]
    public async Task Nothing_is_completed_with_a_dead_key()
    {
        await using var service = await StartAsync();
        var key = ModuleSession.NewKey();
        _dead[key] = 0;
        _account.Session.Connect(service.BaseUri, key);
        _account.Session.Invoke("Get-MeshiaSession");
        var before = service.Requests.Count;

        using var shell = System.Management.Automation.PowerShell.Create(_account.Session.Runspace);
        var matches = CommandCompletion.CompleteInput("Get-MeshiaSession -Id s", 23, null, shell).CompletionMatches;

        Assert.Empty(matches);
        Assert.Equal(before, service.Requests.Count);
    }

    /// <summary>Every session is there; a key is refused after as many requests as <see cref="_dead"/> says.</summary>
    private Task<ScriptedService> StartAsync()
    {
        var counts = new ConcurrentDictionary<string, int>();
        return ScriptedService.StartAsync(request =>
        {
            var key = request.Headers["Authorization"]["Bearer ".Length..];
            if (_dead.TryGetValue(key, out var alive) && counts.AddOrUpdate(key, 1, (_, count) => count + 1) > alive)
                return Reply.Error(401, "unauthorized", "The key was revoked.");
            return ScriptedAccount.Answer(request, "http://127.0.0.1:9");
        });
    }
}
