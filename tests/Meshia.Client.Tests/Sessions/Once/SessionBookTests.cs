namespace Meshia.Client.Tests;

public sealed class SessionBookTests
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly OnceKey _key = OnceKey.From("key");

    private readonly SessionBook _book = new(_key.Token);

    [Fact]
    public void The_oldest_session_is_the_first_whenever_its_time_is_known()
    {
        Add("a", _noon.AddMinutes(2));
        Add("b", _noon.AddMinutes(1));
        Add("c", null);
        Assert.Equal(["c", "b", "a"], _book.Entries.Select(entry => entry.Session.Id));

        Add("c", _noon.AddMinutes(3));
        Assert.Equal(["b", "a", "c"], _book.Entries.Select(entry => entry.Session.Id));
    }

    [Fact]
    public void Only_a_name_with_the_key_is_of_the_key()
    {
        _book.Add(Named("a", null), default);
        _book.Add(Named("b", _key.Token), default);
        _book.Add(Named("c", SessionName.Compose("nightly", OnceKey.From("other"), null).Text), default);
        Assert.Empty(_book.Entries);

        _book.Add(Named("d", null), default, isOurs: true);
        Assert.Equal("d", Assert.Single(_book.Entries).Session.Id);
    }

    [Fact]
    public void What_an_answer_leaves_out_stays_known_and_what_is_known_stays_as_it_was()
    {
        var known = new SeenSession("a", "name", null, null, "stopped", _noon, _noon.AddHours(1));

        Assert.Equal(known, SessionBook.Merge(known, known with { Name = null, CreatedAt = null, StoppedAt = null }));
        Assert.Equal(known, SessionBook.Merge(known, known with { CreatedAt = _noon.AddDays(1), StoppedAt = _noon.AddDays(1) }));
        Assert.Equal(known, SessionBook.Merge(known with { Name = null, CreatedAt = null, StoppedAt = null }, known));
        Assert.Equal("renamed", SessionBook.Merge(known, known with { Name = "renamed" }).Name);
    }

    [Theory]
    [InlineData("provisioning", "running")]
    [InlineData("running", "stopping")]
    [InlineData("stopping", "stopped")]
    public void A_session_only_goes_on(string earlier, string later)
    {
        var (before, after) = (With(earlier), With(later));

        Assert.Equal(later, SessionBook.Merge(before, after).Status);
        Assert.Equal(later, SessionBook.Merge(after, before).Status);
    }

    [Fact]
    public void A_session_is_stopping_since_the_first_answer_that_says_so()
    {
        _book.Add(With("running"), TimeSpan.FromSeconds(1), isOurs: true);
        Assert.Null(_book.Find("a")!.StoppingSince);
        _book.Add(With("stopping"), TimeSpan.FromSeconds(2));
        _book.Add(With("stopping"), TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(2), _book.Find("a")!.StoppingSince);
    }

    [Fact]
    public void A_new_name_is_read_again()
    {
        _book.Add(With("running"), default, isOurs: true);
        _book.Add(With("running") with { Name = SessionName.Compose("nightly", _key, null).Text }, default);
        Assert.Equal("nightly", _book.Find("a")!.Name.BaseName);
    }

    private void Add(string id, DateTimeOffset? createdAt) => _book.Add(Named(id, SessionName.Compose("nightly", _key, null).Text) with { CreatedAt = createdAt }, default);

    private static SeenSession Named(string id, string? name) => new(id, name, null, null, "running", _noon, null);

    private static SeenSession With(string status) => new("a", null, null, null, status, _noon, null);
}
