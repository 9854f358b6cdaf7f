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
    public async Task A_key_that_was_rotated_is_read_again_without_an_error(string before, string command, string source)
    {
        await using var service = await StartAsync();
        var profile = source == "DefaultProfile" ? "default" : "work";
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save(profile, old, service.BaseUri);
        _account.Session.Output($"{before}\n{command}");
        _dead[old] = 0;
        _account.Session.Output($"Set-Secret Meshia-{profile} $key Store", ("key", rotated));

        _account.Session.Output($"{command}; {command}");

        Assert.Equal([old, old, rotated, rotated], service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]));
        Assert.Equal(source, _account.Session.Output($"(Get-MeshiaConnection {(command.Contains("-Profile", StringComparison.Ordinal) ? "-Profile work" : "")}).KeySource")[0].ToString());
    }

    [Theory]
    [InlineData("'a', 'b', 'c' | ForEach-Object { Rotate $_ b; $_ } | Get-MeshiaSession -Profile work", "GET a,GET b,GET b,GET c")]
    [InlineData("'a', 'b', 'c' | ForEach-Object { Rotate $_ b; $_ } | Stop-MeshiaSession -Profile work", "POST stop,POST stop,POST stop,POST stop")]
    [InlineData("'a', 'b', 'c' | Get-MeshiaSession -Profile work | ForEach-Object { Rotate $_.Id a; $_ } | Get-MeshiaExperiment -Profile work", "GET a,GET experiments,GET experiments,GET b,GET experiments,GET c,GET experiments")]
    [InlineData("1 | ForEach-Object { $null = Get-MeshiaSession -Profile work; Rotate a a } ; New-MeshiaSession x rtx4090 -Profile work", "GET sessions,POST sessions,POST sessions")]
    public async Task A_key_that_is_rotated_while_a_pipeline_runs_does_not_end_it(string pipeline, string requests)
    {
        await using var service = await StartAsync();
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", old, service.BaseUri);
        _dead[old] = 1;

        var output = _account.Session.Output($"function Rotate($Now, $At) {{ if ($Now -eq $At) {{ Set-Secret Meshia-work $key Store }} }}; {pipeline}", ("key", rotated));

        Assert.Equal(requests, string.Join(",", service.Requests.Select(request => $"{request.Method} {request.Path.Split('/')[^1]}")));
        var keys = service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]).ToList();
        // The second request of the old key is the one that was refused.
        Assert.Equal([old, old], keys[..2]);
        Each.Of(keys[2..], key => Assert.Equal(rotated, key));
        Assert.Equal(Account.Shown(rotated), _account.Session.Output("(Get-MeshiaConnection -Profile work).Key")[0].ToString());
        if (pipeline.Contains("| Get-MeshiaSession", StringComparison.Ordinal))
            Assert.NotEmpty(output);
    }

    [Fact]
    public async Task A_key_that_is_rotated_during_a_download_does_not_end_it()
    {
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        await using var service = await ScriptedService.StartAsync(request => request.Path switch
        {
            "/file" => new Reply(200, "file", "application/octet-stream"),
            _ when request.Headers["Authorization"] != $"Bearer {rotated}" => Reply.Error(401, "unauthorized"),
            _ => Reply.Ok($$"""{"url":"http://{{request.Headers["Host"]}}/file"}"""),
        });
        _account.Save("default", old, service.BaseUri);
        _account.Session.Output("Get-MeshiaConnection -Profile default");

        var saved = _account.Session.Output("Set-Secret Meshia-default $key Store; Save-MeshiaArtifact art_1 -Path ([IO.Path]::Combine($env:MESHIA_CONFIG_PATH, 'file.bin')) -Profile default; (Get-MeshiaRateLimit -Profile default).Commands.Command", ("key", rotated));

        Assert.Equal("Save-MeshiaArtifact", saved[^1].ToString());
        Assert.Equal("file", File.ReadAllText(Path.Combine(_account.Folder, "file.bin")));
    }

    [Fact]
    public async Task A_key_that_is_rotated_between_two_pages_repeats_no_session()
    {
        var (old, rotated) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        await using var service = await ScriptedService.StartAsync(request => (request.Query.Length > 0, request.Headers["Authorization"] == $"Bearer {rotated}") switch
        {
            (false, _) => Reply.Ok("""{"sessions":[{"id":"a","name":"a"}],"next_cursor":"x"}"""),
            (true, true) => Reply.Ok("""{"sessions":[{"id":"b","name":"b"}]}"""),
            (true, false) => Reply.Error(401, "unauthorized"),
        });
        _account.Save("default", old, service.BaseUri);

        var ids = _account.Session.Output("Get-MeshiaSession | ForEach-Object { Set-Secret Meshia-default $key Store; $_.Id }", ("key", rotated));

        Assert.Equal(["a", "b"], ids.Select(id => id.ToString()));
    }

    [Fact]
    public async Task A_profile_that_points_to_another_account_is_not_taken_for_a_rotated_key()
    {
        await using var service = await StartAsync();
        var (old, other) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", old, service.BaseUri);
        _dead[old] = 1;

        // Another process saves the profile anew, for another service.
        var result = _account.Session.Invoke(
            "Connect-Meshia -Profile work; $p = [IO.Path]::Combine($env:MESHIA_CONFIG_PATH, 'profiles.json'); 'a', 'b' | ForEach-Object { if ($_ -eq 'b') { Set-Secret Meshia-work $key Store; [IO.File]::WriteAllText($p, [IO.File]::ReadAllText($p).Replace('/api/v1', '/api/v2')) }; $_ } | Get-MeshiaSession",
            ("key", other));

        Assert.StartsWith("unauthorized,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Each.Of(service.Requests, request => Assert.Equal($"Bearer {old}", request.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_new_key_is_tested_before_it_replaces_the_one_that_is_saved()
    {
        await using var service = await StartAsync();
        var (old, wrong, right) = (ModuleSession.NewKey(), ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", old, service.BaseUri);
        _dead[wrong] = 0;

        var refused = _account.Failure("Connect-Meshia -ApiKey $key -Save -Profile work", ("key", wrong));
        Assert.Equal(old, Kept("work"));
        _account.Session.Output("Connect-Meshia -ApiKey $key -Save -Profile work -WhatIf", ("key", right));
        var before = service.Requests.Count;
        _account.Session.Output("Connect-Meshia -ApiKey $key -Save -Profile work", ("key", right));

        Assert.StartsWith("unauthorized,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Profile 'work' keeps its previous key", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains(Account.Shown(wrong), refused.ToString(), StringComparison.Ordinal);
        Assert.Equal((1, right), (before, Kept("work")));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(200)]
    public async Task A_new_key_that_cannot_be_tested_is_saved_only_with_Force(int status)
    {
        await using var service = await ScriptedService.StartAsync(new Reply(status, "<html>", "text/html"));
        var (old, untested) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", old, service.BaseUri);

        var refused = _account.Failure("Connect-Meshia -ApiKey $key -Save -Profile work -MaximumRetryCount 0", ("key", untested));
        Assert.Equal(old, Kept("work"));
        _account.Session.Output("Connect-Meshia -ApiKey $key -Save -Profile work -Force", ("key", untested));

        Assert.Contains("-Force", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(untested, Kept("work"));
    }

    private string Kept(string profile) => new System.Net.NetworkCredential("", (System.Security.SecureString)_account.Session.Output($"Get-Secret Meshia-{profile} Store")[0].BaseObject).Password;

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
