namespace Meshia.Client.Tests;

/// <summary>Which sessions of a list a creation with a lost answer may have made.</summary>
public class CreationCandidateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-600)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(3600)]
    public async Task The_services_clock_may_be_wrong(int serviceIsAhead)
    {
        await using var account = new ForgetfulAccount { Answer = "reset", IsAhead = TimeSpan.FromSeconds(serviceIsAhead) };
        account.Add("older", "x", "rtx4090", null, TimeSpan.FromSeconds(-10));
        account.Add("much_older", "x", "rtx4090", null, TimeSpan.FromDays(-10));
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains(account.Sessions[^1].Id, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("much_older", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(0)]
    [InlineData(600)]
    public async Task An_older_session_of_the_same_name_is_never_taken_for_it(int serviceIsAhead)
    {
        await using var account = new ForgetfulAccount { Answer = "reset", AcceptsAt = 100, IsAhead = TimeSpan.FromSeconds(serviceIsAhead) };
        account.Add("older", "x", "rtx4090", null, TimeSpan.FromSeconds(-10));
        using var client = account.Client();

        Assert.Equal(MeshiaFailure.OutcomeUnknown, (await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel))).Failure);
    }

    [Fact]
    public async Task A_time_without_its_fraction_of_a_second_is_not_too_early()
    {
        await using var account = new ForgetfulAccount { Answer = "reset", SendsDate = false };
        account.Clock.Advance(TimeSpan.FromSeconds(0.9));
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        // A service that does not say what time it is proves nothing, but its session is named.
        Assert.Contains(account.Sessions.Single().Id, failure.Message, StringComparison.Ordinal);
        Assert.Single(account.Requests, "POST /sessions");
    }

    [Fact]
    public async Task A_session_that_is_three_seconds_older_is_not_taken_for_it()
    {
        await using var account = new ForgetfulAccount { Answer = "reset", AcceptsAt = 100 };
        account.Add("older", "x", "rtx4090", null, TimeSpan.FromSeconds(-3));
        using var client = account.Client();

        Assert.Equal(MeshiaFailure.OutcomeUnknown, (await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel))).Failure);
    }

    [Fact]
    public async Task A_session_that_does_not_say_when_it_was_created_may_be_an_older_one()
    {
        await using var account = new ForgetfulAccount { Answer = "reset", AcceptsAt = 100 };
        account.Add("timeless", "x", "rtx4090", null, null);
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains("timeless", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_that_it_could_be_leave_the_outcome_unknown()
    {
        await using var account = new ForgetfulAccount { Answer = "reset" };
        account.Add("somebody_elses", "x", "rtx4090", null, TimeSpan.Zero);
        using var client = account.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains("somebody_elses", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "rtx4090", "github:user/repo")]
    [InlineData("x", "h100", "github:user/repo")]
    [InlineData("x", "rtx4090", "github:user/other")]
    [InlineData("X", "rtx4090", "github:user/repo")]
    public async Task Another_session_made_at_the_same_time_is_not_it(string name, string gpu, string repo)
    {
        await using var account = new ForgetfulAccount { Answer = "reset", AcceptsAt = 100 };
        account.Add("another", name, gpu, repo, TimeSpan.Zero);
        using var client = account.Client();

        Assert.Equal(MeshiaFailure.OutcomeUnknown, (await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", "github:user/repo", cancellationToken: Cancel))).Failure);
    }

    [Fact]
    public async Task One_that_is_shown_on_two_pages_is_one()
    {
        var session = """{"id":"sess_twice","name":"x","gpu":"rtx4090","created_at":"2025-06-01T12:00:00Z"}""";
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST"
            ? new Reply(502)
            : Reply.Ok($$"""{"sessions":[{{session}}],"next_cursor":{{(request.Query.Length == 0 ? "\"2\"" : "null")}}}""").With("Date", "Sun, 01 Jun 2025 12:00:00 GMT"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(2, failure.Message.Split("sess_twice").Length);
    }

    [Theory]
    [InlineData("2025-06-01T12:00:00")]
    [InlineData("2025-06-01T17:30:00")]
    [InlineData("2025-06-01T05:00:00")]
    public async Task A_time_without_a_zone_denies_nothing(string createdAt)
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST"
            ? new Reply(502)
            : Reply.Ok($$"""{"sessions":[{"id":"sess_naive","name":"x","gpu":"rtx4090","created_at":"{{createdAt}}"}],"total":9}""").With("Date", "Sun, 01 Jun 2025 12:00:00 GMT"));
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.CreateSessionAsync("x", "rtx4090", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains("sess_naive", failure.Message, StringComparison.Ordinal);
        Assert.Contains("total 9", failure.Message, StringComparison.Ordinal);
    }
}
