using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Meshia.Client.Tests;

/// <summary>One session for a key, and deadlines, against a real HTTP service.</summary>
public sealed class OnceServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_calls_with_one_key_share_one_session()
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();

        var first = await client.StartSessionAsync(Nightly(), cancellationToken: Cancel);
        var second = await client.StartSessionAsync(Nightly(), cancellationToken: Cancel);

        Assert.Equal((first.Id, false, true), (second.Id, first.Adopted, second.Adopted));
        Assert.Equal("nightly", first.BaseName);
        Assert.Equal(OnceKey.From("run 1").Token, first.Once);
        Assert.Equal(1, account.Count("POST /sessions"));
    }

    [Fact]
    public async Task Many_calls_at_the_same_time_share_one_session()
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();

        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.StartSessionAsync(Nightly(), cancellationToken: Cancel)));

        var live = Assert.Single(account.Live);
        Each.Of(sessions, session => Assert.Equal(live, session.Id));
    }

    [Fact]
    public async Task Calls_with_different_keys_that_wait_at_the_same_time_share_one_reading_of_the_list()
    {
        await using var account = await Account.StartAsync();
        var first = account.HoldList();
        using var client = account.Client();
        using var stopped = new CancellationTokenSource();

        var leader = client.StartSessionAsync(Nightly(), cancellationToken: Cancel);
        await first.Asked;
        var canceled = client.StartSessionAsync(new() { Name = "other", Gpu = "rtx4090", Once = "other" }, cancellationToken: stopped.Token);
        var others = Enumerable.Range(0, 8).Select(i => client.StartSessionAsync(new() { Name = $"night-{i}", Gpu = "rtx4090", Once = $"key {i}" }, cancellationToken: Cancel)).ToList();
        await Task.Delay(50, Cancel);
        // The call that would read for all of them ends.
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        Assert.Equal(1, account.Count("GET /sessions"));
        first.Release();
        var sessions = await Task.WhenAll([leader, .. others]);

        Assert.Equal(9, account.Live.Count);
        Assert.Equal(9, sessions.Select(session => session.Id).Distinct().Count());
        // Alone, each of the nine would read it at least twice.
        Assert.InRange(account.Count("GET /sessions"), 2, 17);
    }

    [Fact]
    public async Task A_lost_answer_is_found_by_its_key()
    {
        await using var account = await Account.StartAsync();
        account.LosesAnswer = true;
        using var client = account.Client();

        var session = await client.StartSessionAsync(Nightly(), cancellationToken: Cancel);

        Assert.Equal(Assert.Single(account.Live), session.Id);
        Assert.Equal(1, account.Count("POST /sessions"));
    }

    [Theory]
    [InlineData("nightly", "h100", null)]
    [InlineData("weekly", "rtx4090", null)]
    [InlineData("nightly", "rtx4090", "github:user/repo")]
    public async Task A_key_that_another_session_has_is_an_error_and_starts_nothing(string name, string gpu, string? repo)
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();
        await client.StartSessionAsync(Nightly(), cancellationToken: Cancel);

        var failure = await TestClient.FailsAsync(() => client.StartSessionAsync(new() { Name = name, Gpu = gpu, Repo = repo, Once = "run 1" }, cancellationToken: Cancel));

        Assert.Equal("OnceMismatch", failure.Code);
        Assert.Equal(1, account.Count("POST /sessions"));
        Assert.Single(account.Live);
    }

    [Fact]
    public async Task A_session_at_its_deadline_is_not_handed_out()
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();
        await client.StartSessionAsync(Nightly(TimeSpan.FromMinutes(2)), cancellationToken: Cancel);

        var failure = await TestClient.FailsAsync(() => client.StartSessionAsync(Nightly(), cancellationToken: Cancel));

        Assert.Equal("OnceExpired", failure.Code);
        Assert.Equal(1, account.Count("POST /sessions"));
    }

    [Theory]
    [InlineData("run 1", null, 12)]
    [InlineData(null, 60, 20)]
    [InlineData("run 1", 60, 32)]
    [InlineData("run 1", 60, null)]
    public async Task A_service_that_changes_names_gives_an_error_and_what_it_created_is_stopped(string? once, int? minutes, int? length)
    {
        await using var account = await Account.StartAsync();
        account.Rename = name => length is { } most ? name[..most] : name.ToUpperInvariant();
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.StartSessionAsync(new() { Name = "nightly", Gpu = "rtx4090", Once = once, MaxDuration = minutes is { } time ? TimeSpan.FromMinutes(time) : null }, cancellationToken: Cancel));

        Assert.Equal("NameChanged", failure.Code);
        Assert.Equal(1, account.Count("POST /sessions"));
        Assert.Empty(account.Live);
    }

    [Fact]
    public async Task A_list_that_is_not_complete_starts_nothing()
    {
        await using var account = await Account.StartAsync();
        account.HidesPages = true;
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.StartSessionAsync(Nightly(), cancellationToken: Cancel));

        Assert.Equal("ListIncomplete", failure.Code);
        Assert.Equal(0, account.Count("POST /sessions"));
    }

    [Fact]
    public async Task A_refusal_is_the_services_own_error()
    {
        await using var account = await Account.StartAsync();
        account.Refusal = Reply.Error(403, "plan_limit");
        using var client = account.Client();

        Assert.Equal("plan_limit", (await TestClient.FailsAsync(() => client.StartSessionAsync(Nightly(), cancellationToken: Cancel))).Code);
        Assert.Equal(1, account.Count("POST /sessions"));
    }

    [Fact]
    public async Task A_429_is_waited_for()
    {
        await using var account = await Account.StartAsync();
        account.Refusal = new Reply(429).With("Retry-After", "0");
        account.Refusals = 2;
        using var client = account.Client();

        var session = await client.StartSessionAsync(Nightly(), cancellationToken: Cancel);

        Assert.Equal(Assert.Single(account.Live), session.Id);
        Assert.Equal(3, account.Count("POST /sessions"));
    }

    [Fact]
    public async Task Without_a_key_and_a_deadline_the_name_is_what_the_user_wrote()
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();

        var session = await client.StartSessionAsync(new() { Name = "Größer than life!", Gpu = "rtx4090" }, cancellationToken: Cancel);

        Assert.Equal(("Größer than life!", "Größer than life!", null), (session.Name, session.BaseName, session.Deadline));
        Assert.Equal(["POST /sessions"], account.Requests);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(0)]
    [InlineData(3600)]
    public async Task The_deadline_is_one_of_the_services_clock(int serviceIsAhead)
    {
        await using var account = await Account.StartAsync();
        account.IsAhead = TimeSpan.FromSeconds(serviceIsAhead);
        using var client = account.Client();

        var session = await client.StartSessionAsync(new() { Name = "nightly", Gpu = "rtx4090", MaxDuration = TimeSpan.FromHours(2) }, cancellationToken: Cancel);

        Assert.InRange(session.Deadline!.Value - account.Now, TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(121));
    }

    [Theory]
    [InlineData("Nightly run", null, 60)]
    [InlineData("nightly", "  ", null)]
    [InlineData("nightly", "--", null)]
    [InlineData("nightly", null, 0)]
    [InlineData("nightly", null, 5000)]
    public async Task What_is_not_valid_is_refused_before_any_request(string name, string? once, int? minutes)
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.StartSessionAsync(new() { Name = name, Gpu = "rtx4090", Once = once, MaxDuration = minutes is { } time ? TimeSpan.FromMinutes(time) : null }, cancellationToken: Cancel));

        Assert.Empty(account.Requests);
    }

    [Fact]
    public async Task A_duplicate_that_the_list_shows_too_late_and_that_runs_by_then_is_not_stopped_but_named()
    {
        await using var account = await Account.StartAsync();
        using var client = account.Client();
        var warnings = new List<string>();
        var name = SessionName.Compose("nightly", OnceKey.From("run 1"), null).Text;
        account.Add(name, account.Now.AddMinutes(-10), "provisioning");
        var starter = client.Starter(Nightly(), new() { Observer = message => warnings.AddRange(message.Level == ClientMessageLevel.Warning ? [message.Text] : []) });
        await starter.RunAsync(Cancel);

        var late = account.Add(name, account.Now.AddMinutes(-9), "running");
        await starter.LookLaterAsync(Cancel);

        Assert.Contains(late, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(0, account.Count($"POST /sessions/{late}/stop"));
    }

    private static SessionStart Nightly(TimeSpan? maxDuration = null) => new() { Name = "nightly", Gpu = "rtx4090", Once = "run 1", MaxDuration = maxDuration };

    /// <summary>An account of a service that keeps its sessions and lists them at once.</summary>
    private sealed class Account : IAsyncDisposable
    {
        private readonly ConcurrentQueue<Pod> _pods = new();
        private ScriptedService _service = null!;

        public Func<string, string> Rename { get; set; } = static name => name;

        private TaskCompletionSource? _asked;
        private TaskCompletionSource? _released;

        public bool LosesAnswer { get; set; }

        public bool HidesPages { get; set; }

        public Reply? Refusal { get; set; }

        public int Refusals { get; set; } = int.MaxValue;

        public TimeSpan IsAhead { get; set; }

        public DateTimeOffset Now => DateTimeOffset.UtcNow + IsAhead;

        public IReadOnlyList<string> Live => [.. _pods.Where(pod => pod.Status == "provisioning").Select(pod => pod.Id)];

        public IReadOnlyList<string> Requests => [.. _service.Requests.Select(request => request.Endpoint)];

        public static async Task<Account> StartAsync()
        {
            var account = new Account();
            account._service = await ScriptedService.StartAsync((request, context) => account.ServeAsync(request, context));
            return account;
        }

        /// <summary>Holds the answer to the first list back.</summary>
        public (Task Asked, Action Release) HoldList()
        {
            (_asked, _released) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
            return (_asked.Task, _released.SetResult);
        }

        /// <summary>Adds a session. Lists lag, and show it as provisioning.</summary>
        public string Add(string name, DateTimeOffset createdAt, string status)
        {
            var pod = new Pod($"sess_{_pods.Count + 1}", name, "rtx4090", null, createdAt, status);
            _pods.Enqueue(pod);
            return pod.Id;
        }

        public int Count(string endpoint) => Requests.Count(request => request == endpoint);

        public MeshiaClient Client() => new(new ApiKey(TestClient.NewKey()), new()
        {
            BaseUri = _service.BaseUri,
            RequestsPerMinute = 100_000,
            RetryDelay = TimeSpan.FromMilliseconds(10),
            SettleTime = TimeSpan.Zero,
        });

        public ValueTask DisposeAsync() => _service.DisposeAsync();

        private Task ServeAsync(SeenRequest request, Microsoft.AspNetCore.Http.HttpContext context)
        {
            if (request.Endpoint == "POST /sessions")
            {
                if (Refusal is not null && Refusals-- > 0)
                    return Refusal.SendAsync(context.Response);
                var body = JsonDocument.Parse(request.Body).RootElement;
                Pod pod;
                lock (_pods)
                {
                    pod = new($"sess_{_pods.Count + 1}", Rename(body.GetProperty("name").GetString()!), body.GetProperty("gpu").GetString()!, body.TryGetProperty("repo", out var repo) ? repo.GetString() : null, Now);
                    _pods.Enqueue(pod);
                }

                if (!LosesAnswer)
                    return Send(new(201, pod.Json));
                context.Abort();
                return Task.CompletedTask;
            }

            var parts = request.Path["/api/v1/sessions".Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 && Interlocked.Exchange(ref _asked, null) is { } asked)
            {
                asked.SetResult();
                return SendLaterAsync(_released!.Task);
            }

            if (parts.Length == 0)
                return Send(Reply.Ok($$"""{"sessions":[{{string.Join(',', _pods.Reverse().Select(pod => pod.Listed))}}],"has_more":{{(HidesPages ? "true" : "false")}}}"""));
            var found = _pods.Single(pod => pod.Id == parts[0]);
            if (parts.Length == 2)
                found.Stop(Now);
            return Send(Reply.Ok(found.Json));

            async Task SendLaterAsync(Task released)
            {
                await released;
                await Send(Reply.Ok("""{"sessions":[]}"""));
            }

            Task Send(Reply reply) => reply.With("Date", Now.ToString("R", CultureInfo.InvariantCulture)).SendAsync(context.Response);
        }

        private sealed class Pod(string id, string name, string gpu, string? repo, DateTimeOffset createdAt, string status = "provisioning")
        {
            private DateTimeOffset? _stoppedAt;

            public string Id => id;

            public string Status => _stoppedAt is null ? status : "stopped";

            public string Json => JsonSerializer.Serialize(new { id, name, gpu, repo, status = Status, created_at = createdAt, stopped_at = _stoppedAt });

            public string Listed => Json.Replace("\"running\"", "\"provisioning\"", StringComparison.Ordinal);

            public void Stop(DateTimeOffset now) => _stoppedAt = now;
        }
    }
}
