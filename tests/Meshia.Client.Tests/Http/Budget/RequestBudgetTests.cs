using Microsoft.Extensions.Time.Testing;

namespace Meshia.Client.Tests;

/// <summary>One or several budgets that share a file, with a clock that a test moves.</summary>
public sealed class RequestBudgetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-budget-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
    private int _processes;

    private string Path => System.IO.Path.Combine(_folder, "budget.bin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Poll", 30)]
    [InlineData("Read", 51)]
    [InlineData("Create", 54)]
    [InlineData("Stop", 60)]
    public void A_lone_process_sends_a_burst_at_once_that_leaves_slots_for_what_is_more_urgent(string kind, int count)
    {
        var budget = New();

        Assert.Equal(count, Burst(budget, Enum.Parse<RequestClass>(kind), 100));
    }

    [Fact]
    public void A_lone_script_sends_300_reads_in_hardly_more_than_the_least_time()
    {
        var budget = New();
        var start = _clock.GetUtcNow();
        for (var sent = 0; sent < 300; sent += Burst(budget, RequestClass.Read, 300 - sent))
            _clock.Advance(TimeSpan.FromMilliseconds(100));

        // 51 at once and 51 in each minute after it: five minutes.
        Assert.InRange(_clock.GetUtcNow() - start, TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5 * 1.05));
    }

    [Fact]
    public void Where_another_process_is_active_reads_are_spaced_from_the_first_and_what_is_urgent_is_not()
    {
        var (one, two) = (New(), New());
        Assert.Equal(1, Burst(one, RequestClass.Read, 1));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, Burst(two, RequestClass.Read, 5));
        Assert.Equal(5, Burst(two, RequestClass.Create, 5));
        _clock.Advance(TimeSpan.FromSeconds(2.4));
        Assert.Equal(1, Burst(two, RequestClass.Read, 5));
        Assert.Equal(0, Burst(one, RequestClass.Read, 5));
    }

    [Fact]
    public void All_processes_together_never_send_more_than_60_in_any_minute()
    {
        var budgets = Enumerable.Range(0, 16).Select(_ => New()).ToList();
        var random = new Random(1);
        var sent = new List<DateTimeOffset>();
        for (var i = 0; i < 3000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            foreach (var budget in budgets)
            {
                var kind = (RequestClass)random.Next(4);
                if (Burst(budget, kind, 1) == 1)
                    sent.Add(_clock.GetUtcNow());
            }

            if (i == 1000)
                File.Delete(Path);
            if (i == 2000)
                File.WriteAllBytes(Path, [.. Enumerable.Repeat((byte)0x7f, 700)]);
        }

        for (var i = 60; i < sent.Count; i++)
            Assert.True(sent[i] - sent[i - 60] >= TimeSpan.FromMinutes(1), $"{i}: {sent[i] - sent[i - 60]}");
        Assert.True(sent.Count >= 0.95 * 60 * 5 - (2 * 5), $"{sent.Count}");
    }

    [Fact]
    public async Task A_stop_that_waits_goes_first()
    {
        var (busy, stopping, other) = (New(), New(), New());
        Assert.Equal(60, Burst(busy, RequestClass.Stop, 100));
        _clock.Advance(TimeSpan.FromSeconds(59.9));
        var stop = stopping.TakeAsync(RequestClass.Stop, null, TestContext.Current.CancellationToken);
        Assert.False(stop.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(0.2));
        // The stop has left its mark: a creation waits although slots are free.
        Assert.True(other.Look().IsStopWaiting);
        Assert.Equal(0, Burst(other, RequestClass.Create, 1));
        while (!stop.IsCompleted)
        {
            await Task.Yield();
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.True((await stop).IsTaken);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Burst(other, RequestClass.Create, 1));
    }

    [Fact]
    public void A_429_pauses_all_processes_and_the_longest_counts()
    {
        var (one, two) = (New(), New());
        Pause(one, 30);
        _clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(TimeSpan.FromSeconds(29.5), two.Look().PausedFor);
        Assert.Equal(0, Burst(two, RequestClass.Stop, 1));
        _clock.Advance(TimeSpan.FromSeconds(29.5));
        Assert.Equal(1, Burst(two, RequestClass.Stop, 1));
    }

    [Fact]
    public void A_request_without_an_answer_counts_for_5_seconds_more()
    {
        var budget = New();
        Assert.Equal(60, Burst(budget, RequestClass.Stop, 60, completes: false));

        _clock.Advance(TimeSpan.FromSeconds(64));
        Assert.Equal(0, Burst(budget, RequestClass.Stop, 60));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(60, Burst(budget, RequestClass.Stop, 60));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(512)]
    [InlineData(5000)]
    public void A_file_with_anything_in_it_is_used(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(Path, bytes);

        var budget = New();
        var sent = Burst(budget, RequestClass.Stop, 100);
        if (length is not 0 and not BudgetPage.Size)
        {
            // It is surely damaged: the other processes get time to put back what they know.
            Assert.Equal(0, sent);
            _clock.Advance(TimeSpan.FromSeconds(5));
            sent = Burst(budget, RequestClass.Stop, 100);
        }

        Assert.InRange(sent, 55, 60);
        Assert.Equal(BudgetPage.Size, new FileInfo(Path).Length);
    }

    [Fact]
    public void A_file_that_was_deleted_is_rebuilt_from_what_the_processes_know()
    {
        var (one, two) = (New(), New());
        Burst(one, RequestClass.Create, 20);
        Burst(two, RequestClass.Create, 20);
        File.Delete(Path);

        Assert.Equal(0, Burst(two, RequestClass.Create, 60));
        _clock.Advance(TimeSpan.FromSeconds(5));
        // Two slots stand for what nobody knows any more.
        Assert.Equal(60 - 40 - 2, Burst(two, RequestClass.Stop, 60));
    }

    [Fact]
    public void A_share_of_a_machine_scales_all_classes()
    {
        var budget = New(limit: 20);

        Assert.Equal(17, Burst(budget, RequestClass.Read, 100));
        Assert.Equal(1, Burst(budget, RequestClass.Create, 100));
        Assert.Equal(2, Burst(budget, RequestClass.Stop, 100));
        Assert.Equal(1, Burst(New(limit: 1, path: null), RequestClass.Poll, 100));
    }

    [Fact]
    public async Task Where_the_file_is_held_for_long_the_process_goes_on_alone_and_warns_once()
    {
        var messages = new List<string>();
        var budget = New();
        using (File.Open(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            for (var i = 0; i < 3; i++)
                Assert.True((await budget.TakeAsync(RequestClass.Stop, message => messages.Add($"{message.Level} {message.Text}"), TestContext.Current.CancellationToken)).IsTaken);
            Assert.False(budget.Look().IsShared);
        }

        Assert.StartsWith("Warning", Assert.Single(messages), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(budget.Look().IsShared);
        // What it sent alone is now known to all.
        Assert.Equal(3, New().Look().Used);
    }

    [Fact]
    public void A_link_in_place_of_the_file_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making a link needs a right on Windows.");
        var other = System.IO.Path.Combine(_folder, "other");
        File.WriteAllText(other, "mine");
        File.CreateSymbolicLink(Path, other);

        Assert.Equal(1, Burst(New(), RequestClass.Stop, 1));
        Assert.Equal("mine", File.ReadAllText(other));
    }

    [Fact]
    public void The_file_can_be_read_by_its_owner_only_and_names_no_key()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        var key = new ApiKey("msh_canary_canary_canary");
        var path = BudgetPath.In(System.IO.Path.Combine(_folder, "state"), new("https://run.meshia.io/api/v1"), key)!;
        Burst(new(path, 60, _clock), RequestClass.Stop, 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(System.IO.Path.GetDirectoryName(path)!));
        Assert.Equal(512, new FileInfo(path).Length);
        Assert.DoesNotContain("canary", path);
        Assert.NotEqual(path, BudgetPath.In(System.IO.Path.Combine(_folder, "state"), new("http://localhost:5000"), key));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_gives_no_file()
    {
        File.WriteAllText(Path, "");

        Assert.Null(BudgetPath.In(System.IO.Path.Combine(Path, "state"), new("https://run.meshia.io"), new("msh_1")));
        Assert.Null(BudgetPath.In("", new("https://run.meshia.io"), new("msh_1")));
    }

    /// <summary>A request that the service answers with 429.</summary>
    private static void Pause(RequestBudget budget, double seconds)
    {
        var turn = budget.TakeAsync(RequestClass.Read, null, CancellationToken.None);
        Assert.True(turn.IsCompletedSuccessfully);
        budget.Complete(turn.Result, TimeSpan.FromSeconds(seconds));
    }

    private RequestBudget New(int limit = 60, string? path = "") => new(path is null ? null : Path, limit, _clock, process: ++_processes);

    /// <summary>Sends as long as nothing has to wait.</summary>
    private static int Burst(RequestBudget budget, RequestClass kind, int most, bool completes = true)
    {
        for (var sent = 0; sent < most; sent++)
        {
            using var stop = new CancellationTokenSource();
            var turn = budget.TakeAsync(kind, null, stop.Token);
            if (!turn.IsCompletedSuccessfully)
            {
                stop.Cancel();
                return sent;
            }

            if (completes)
                budget.Complete(turn.Result);
        }

        return most;
    }
}
