using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>Ctrl+C ends anything within a second, whatever it waits for; twice as long is allowed here, since build agents are slow.</summary>
public sealed class StopTests : IDisposable
{
    /// <summary>A second is what is promised; a busy machine gets more, and whatever does not listen to a stop takes a minute.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-stop-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task While_it_connects()
    {
        // It takes the connection, but never answers the handshake.
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = new RawService(async connection =>
        {
            isWaiting.Release();
            await connection.StaySilentAsync();
        });
        using var session = new ModuleSession();
        session.Connect(new UriBuilder(service.BaseUri) { Scheme = "https" }.Uri);

        await AssertStopsAsync(session, "Get-MeshiaSession", isWaiting);

        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaSession sess_1")]
    [InlineData("Get-MeshiaSession sess_1, sess_2, sess_3")]
    [InlineData("'sess_1', 'sess_2' | Stop-MeshiaSession")]
    [InlineData("New-MeshiaSession x rtx4090")]
    [InlineData("Test-MeshiaConnection")]
    [InlineData("Invoke-MeshiaRequest /sessions")]
    public async Task While_it_waits_for_an_answer(string command)
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            isWaiting.Release();
            await connection.StaySilentAsync();
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, command, isWaiting);

        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaSession sess_1")]
    [InlineData("Get-MeshiaWebhook")]
    public async Task While_an_answer_stalls_half_way(string command)
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($$"""{{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"}}{"sessions":[{"id":"sess_1","name":""");
            isWaiting.Release();
            await connection.StaySilentAsync();
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, command, isWaiting);

        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task While_it_waits_to_try_again(int status)
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync((_, context) =>
        {
            isWaiting.Release();
            return Reply.Error(status, "later").With("Retry-After", "3").SendAsync(context.Response);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, "Get-MeshiaSession", isWaiting);

        // Longer than it was told to wait.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task While_it_waits_for_the_rate_limit()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        using var session = Connect(service.BaseUri);
        using var isWaiting = new SemaphoreSlim(0);
        var reads = (int)session.Output("$reads = (Get-MeshiaRateLimit).ReadsLeft; $reads; 1..$reads | ForEach-Object { Get-MeshiaSession }").Single().BaseObject;

        await AssertStopsAsync(session, "Get-MeshiaSession -Verbose 4>&1 | ForEach-Object { $isWaiting.Release() }", isWaiting, ("isWaiting", isWaiting));

        Assert.InRange(reads, 1, 60);
        Assert.Equal(reads, service.Requests.Count);
    }

    [Fact]
    public async Task While_it_waits_for_a_session_to_run()
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync((_, context) =>
        {
            isWaiting.Release();
            return Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")).SendAsync(context.Response);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, "New-MeshiaSession x rtx4090 -Wait", isWaiting);

        var seen = service.Requests.Count;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(seen, service.Requests.Count);
        Assert.Single(service.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task While_it_downloads_and_no_half_file_stays()
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            if (!request.Path.StartsWith("/files/", StringComparison.Ordinal))
            {
                await ScriptedAccount.AnswerAsync(request, context);
                return;
            }

            context.Response.ContentLength = ScriptedAccount.Content.Length;
            await context.Response.Body.WriteAsync("the"u8.ToArray());
            await context.Response.Body.FlushAsync();
            isWaiting.Release();
            await Task.Delay(_patience, context.RequestAborted);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, "Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder -ThrottleLimit 1", isWaiting, ("folder", _folder.FullName));

        Assert.Empty(_folder.GetFiles("*", SearchOption.AllDirectories));
        Assert.Equal(["GET /experiments/exp_1/artifacts", "GET /artifacts/art_1/download", "GET /files/art_1?signature=x"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("New-MeshiaSession x rtx4090", true, "sess_1")]
    [InlineData("New-MeshiaSession x rtx4090", false, "may have been created")]
    [InlineData("Register-MeshiaWebhook https://x.example -Event plan.completed -Force", false, "may have been created")]
    public async Task While_it_creates_and_the_host_says_what_may_exist(string command, bool isAnswered, string said)
    {
        using var isWaiting = new SemaphoreSlim(0);
        var stopping = new TaskCompletionSource();
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            isWaiting.Release();
            if (!isAnswered)
            {
                await connection.StaySilentAsync();
                return;
            }

            await stopping.Task;
            // The cmdlet has been told, and waits for what it began.
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
            await connection.AnswerAsync(SessionJson.Of("sess_1"), 201);
        });
        using var session = Connect(service.BaseUri);
        session.TakeHostText();

        await AssertStopsAsync(session, command, isWaiting, stopping);

        Assert.Contains(said, session.TakeHostText(), StringComparison.Ordinal);
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("New-MeshiaSession x rtx4090 -Once 1")]
    [InlineData("New-MeshiaSession x rtx4090 -MaxDuration 2h")]
    [InlineData("Use-MeshiaSession -Gpu rtx4090 -Name x { 'ran' }")]
    [InlineData("Use-MeshiaSession -Gpu rtx4090 -Name x -Once 1 -MaxDuration 2h { 'ran' }")]
    public async Task While_a_creation_of_any_kind_is_on_its_way_and_the_host_says_what_may_exist(string command)
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync(async (request, context) =>
        {
            if (request.Method == "GET")
            {
                await Reply.Ok(SessionJson.List([])).SendAsync(context.Response);
                return;
            }

            isWaiting.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, command, isWaiting);

        Assert.Contains("may have been created", session.TakeHostText(), StringComparison.Ordinal);
        Assert.Single(service.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("New-MeshiaSession x rtx4090 -Once 1", false)]
    [InlineData("New-MeshiaSession x rtx4090 -Once 1 -Wait", false)]
    [InlineData("New-MeshiaSession x rtx4090 -MaxDuration 2h -Wait", false)]
    [InlineData("Use-MeshiaSession -Gpu rtx4090 -Name x { 'ran' }", true)]
    public async Task While_it_waits_for_what_it_created_and_the_host_says_the_id_or_it_is_stopped(string command, bool isStopped)
    {
        using var isWaiting = new SemaphoreSlim(0);
        var name = "";
        await using var service = await ScriptedService.StartAsync((request, context) =>
        {
            if (request.Endpoint == "POST /sessions")
                name = System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty("name").GetString()!;
            else if (name.Length > 0 && request.Method == "GET")
                isWaiting.Release();
            var created = SessionJson.Of("sess_1", name, "provisioning");
            return Reply.Ok(request.Endpoint == "GET /sessions" ? SessionJson.List(name.Length > 0 ? [created] : []) : created).SendAsync(context.Response);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, command, isWaiting);

        Assert.Contains("sess_1", session.TakeHostText(), StringComparison.Ordinal);
        Assert.Equal(isStopped, service.Requests.Any(request => request.Endpoint == "POST /sessions/sess_1/stop"));
    }

    [Fact]
    public async Task While_it_waits_for_a_new_session_and_the_host_says_its_id()
    {
        using var isWaiting = new SemaphoreSlim(0);
        await using var service = await ScriptedService.StartAsync((request, context) =>
        {
            if (request.Method == "GET")
                isWaiting.Release();
            return Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")).SendAsync(context.Response);
        });
        using var session = Connect(service.BaseUri);

        await AssertStopsAsync(session, "New-MeshiaSession x rtx4090 -Wait", isWaiting);

        Assert.Contains("Stop-MeshiaSession sess_1", session.TakeHostText(), StringComparison.Ordinal);
    }

    private static ModuleSession Connect(Uri baseUri)
    {
        var session = new ModuleSession();
        session.Connect(baseUri);
        return session;
    }

    /// <summary>Stops a script once it waits, as Ctrl+C does.</summary>
    private static Task AssertStopsAsync(ModuleSession session, string script, SemaphoreSlim isWaiting, params (string Name, object? Value)[] variables) =>
        AssertStopsAsync(session, script, isWaiting, null, variables);

    /// <summary>The same; <paramref name="stopping"/> is set as the stop begins.</summary>
    private static async Task AssertStopsAsync(ModuleSession session, string script, SemaphoreSlim isWaiting, TaskCompletionSource? stopping, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
            session.Runspace.SessionStateProxy.SetVariable(name, value);
        using var shell = System.Management.Automation.PowerShell.Create(session.Runspace);
        shell.AddScript(script);
        var output = new PSDataCollection<PSObject>();
        shell.InvocationStateChanged += (_, change) =>
        {
            if (change.InvocationStateInfo.State == PSInvocationState.Stopping)
                stopping?.TrySetResult();
        };
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(await isWaiting.WaitAsync(_patience, TestContext.Current.CancellationToken), "It never came to wait.");
        // The cmdlet has yet to begin to wait for what the service just did.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted, "It did not wait.");

        var watch = Stopwatch.StartNew();
        await Task.Factory.FromAsync(shell.BeginStop(null, null), shell.EndStop);
        var took = watch.Elapsed;

        Assert.True(took < _limit, $"It took {took.TotalSeconds:0.00} s to stop.");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Error);
        // What creates something says what exists, or may exist.
        if (!System.Text.RegularExpressions.Regex.IsMatch(script, "^(New|Use|Register)-"))
            Assert.Empty(shell.Streams.Warning);
        // What it left behind does not keep the session from going on.
        Assert.Equal("on", session.Output("'on'").Single().BaseObject);
        Assert.Empty(session.Output("$Error"));
    }
}
