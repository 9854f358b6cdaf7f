using System.Collections.Concurrent;
using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class NewMeshiaSessionTests
{
    private const string Create = "New-MeshiaSession -Name x -Gpu rtx4090";

    public static TheoryData<string> LostAnswers =>
    [
        "",
        "HTTP/1.1 201 Created\r\nContent-Le",
        "HTTP/1.1 201 Created\r\nContent-Length: 300\r\n\r\n{\"id\":\"sess_",
        "HTTP/1.1 201 Created\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>Hi</html>",
        "HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\n\r\n",
    ];

    [Theory, MemberData(nameof(LostAnswers))]
    public async Task A_session_whose_answer_is_lost_is_named_and_neither_taken_nor_created_twice(string answer)
    {
        await using var account = new Account(answer);
        using var session = account.Connect();

        var result = session.Invoke(Create);

        var created = Assert.Single(account.Created);
        Assert.Empty(result.Output);
        Assert.Equal("outcome_unknown,Meshia.PowerShell.NewMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.Contains(created, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Once", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["POST /sessions", "GET /sessions"], account.Requests);
    }

    [Fact]
    public async Task Where_the_list_does_not_show_it_one_error_says_that_the_outcome_is_unknown()
    {
        await using var account = new Account("", listShowsIt: false);
        using var session = account.Connect();

        var result = session.Invoke(Create);

        Assert.Empty(result.Output);
        Assert.Empty(result.Warnings);
        Assert.Equal("outcome_unknown,Meshia.PowerShell.NewMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.Equal(("x", ErrorCategory.InvalidResult), (result.Error.TargetObject, result.Error.CategoryInfo.Category));
        Assert.Contains("cost", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(account.Created);
        Assert.Single(account.Requests, "POST /sessions");
    }

    [Fact]
    public async Task An_older_session_of_the_same_name_is_not_taken_for_the_new_one()
    {
        await using var account = new Account("", older: SessionJson.Of("sess_old", createdAt: DateTimeOffset.UtcNow.AddDays(-1)));
        using var session = account.Connect();

        var error = session.Invoke(Create).Error;

        Assert.Contains(Assert.Single(account.Created), error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("sess_old", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_of_several_from_the_pipeline_is_sent_once_and_gets_an_error_of_its_own()
    {
        await using var account = new Account("");
        using var session = account.Connect();

        var result = session.Invoke("1..3 | ForEach-Object { [pscustomobject]@{ Name = 'x'; Gpu = 'rtx4090' } } | New-MeshiaSession");

        Assert.Equal(3, account.Created.Count);
        Assert.Empty(result.Output);
        Assert.Equal(3, result.Errors.Count);
        Each.Of(account.Created.Zip(result.Errors), pair => Assert.Contains(pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIf_sends_nothing()
    {
        await using var account = new Account("");
        using var session = account.Connect();

        Assert.Empty(session.Output($"{Create} -Wait -WhatIf"));

        Assert.Empty(account.Requests);
    }

    [Fact]
    public async Task Wait_gives_the_session_that_runs()
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.Of("sess_1", status: request.Method == "POST" ? "provisioning" : "running")));
        using var session = Connect(service);

        var result = session.Invoke($"{Create} -Wait");

        Assert.Empty(result.Errors);
        Assert.Equal("running", Assert.Single(result.Output).Properties["Status"].Value);
        Assert.Equal(["POST /sessions", "GET /sessions/sess_1"], service.Requests.Select(request => request.Endpoint));
        Assert.Contains(result.Progress, record => record.Activity.Contains("sess_1", StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Fact]
    public async Task The_progress_follows_the_state_and_the_time()
    {
        var looks = 0;
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.Of("sess_1", status: request.Method == "POST" ? "provisioning" : ++looks switch { 1 => "pulling-image", 2 => "unpacking", 3 => "booting", _ => "running" })));
        using var session = Connect(service);

        var result = session.Invoke($"{Create} -Wait -TimeoutSeconds 60");

        Assert.Equal(["provisioning", "pulling-image", "unpacking", "booting", "Ended"], result.Progress.Select(record => record.StatusDescription));
        Each.Of(result.Progress.SkipLast(1), record => Assert.InRange(record.SecondsRemaining, 1, 60));
        // Looks are a second apart, and the time is in whole seconds.
        Assert.True(result.Progress[3].SecondsRemaining < result.Progress[0].SecondsRemaining, "The time that is left stood still.");
    }

    [Fact]
    public async Task A_time_to_wait_without_a_wait_is_refused_before_anything_costs_money()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")));
        using var session = Connect(service);

        var error = session.Invoke($"{Create} -TimeoutSeconds 60").Error;

        Assert.Equal("InvalidArgument,Meshia.PowerShell.NewMeshiaSession", error.FullyQualifiedErrorId);
        Assert.Contains("-Wait", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(service.Requests);
        // A script that decides says so.
        Assert.Single(session.Output($"{Create} -TimeoutSeconds 60 -Wait:$false"));
    }

    [Fact]
    public async Task Without_wait_the_session_is_given_as_it_is()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")));
        using var session = Connect(service);

        Assert.Equal("provisioning", Assert.Single(session.Output(Create)).Properties["Status"].Value);

        Assert.Equal(["POST /sessions"], service.Requests.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("stopped")]
    public async Task A_session_that_ends_before_it_runs_is_an_error_and_comes_out_all_the_same(string status)
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.Of("sess_1", status: request.Method == "POST" ? "provisioning" : status)));
        using var session = Connect(service);

        var result = session.Invoke($"{Create} -Wait");

        Assert.Equal(status, Assert.Single(result.Output).Properties["Status"].Value);
        Assert.StartsWith("SessionFailed,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("sess_1", result.Error.TargetObject);
    }

    [Fact]
    public async Task A_session_that_does_not_run_in_time_is_an_error_and_comes_out_since_it_costs_money()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")));
        using var session = Connect(service);

        var result = session.Invoke($"{Create} -Wait -TimeoutSeconds 1");

        Assert.Equal("sess_1", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.StartsWith("SessionNotReady,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Stop-MeshiaSession sess_1", result.Error.ToString(), StringComparison.Ordinal);
        Assert.True(service.Requests.Count > 1, "It was given up before the time was over.");
    }

    [Fact]
    public async Task A_session_whose_state_cannot_be_asked_for_comes_out_since_it_costs_money()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Ok(SessionJson.Of("sess_1", status: "provisioning")) : Reply.Error(410, "session_gone"));
        using var session = Connect(service);

        var result = session.Invoke($"{Create} -Wait");

        Assert.Equal("sess_1", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.StartsWith("session_gone,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private static ModuleSession Connect(ScriptedService service)
    {
        var session = new ModuleSession();
        session.Connect(service.BaseUri);
        return session;
    }

    /// <summary>A service that creates what it is asked for, but whose answer to that never arrives as it should.</summary>
    private sealed class Account : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _sessions = new();
        private readonly RawService _service;
        /// <param name="answer">What arrives of the answer to a creation before the connection breaks.</param>
        /// <param name="listShowsIt">Whether the list shows what was created.</param>
        /// <param name="older">A session that was there before.</param>
        public Account(string answer, bool listShowsIt = true, string? older = null) => _service = new(async connection =>
        {
            while (true)
            {
                var request = await connection.ReadRequestAsync();
                if (request.StartsWith("POST ", StringComparison.Ordinal))
                {
                    // Of a service's own making: what this process has once created is never taken for something new.
                    var id = $"sess_{Guid.NewGuid():N}";
                    Created.Enqueue(id);
                    if (listShowsIt)
                        _sessions.Enqueue(SessionJson.Of(id));
                    await connection.SendAsync(answer);
                    return;
                }

                await connection.AnswerAsync(SessionJson.List(older is null ? _sessions.Reverse() : _sessions.Reverse().Append(older)));
            }
        });

        public ConcurrentQueue<string> Created { get; } = new();

        public IReadOnlyList<string> Requests => _service.Requests;

        public ModuleSession Connect()
        {
            var session = new ModuleSession();
            session.Connect(_service.BaseUri);
            return session;
        }

        public ValueTask DisposeAsync() => _service.DisposeAsync();
    }
}
