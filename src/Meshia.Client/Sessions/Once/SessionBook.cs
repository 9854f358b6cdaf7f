namespace Meshia;

/// <summary>
/// What all answers so far said about the sessions of one key. A list may lag, leave sessions out and show one twice, so
/// they are merged by id: a session that was seen is never forgotten, and one that has ended stays so.
/// </summary>
internal sealed class SessionBook(string token)
{
    private readonly List<Entry> _entries = [];

    /// <summary>The sessions of the key, oldest first.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Adds what an answer said.</summary>
    /// <param name="session">The session.</param>
    /// <param name="now">When the answer came.</param>
    /// <param name="isOurs">Whether it is an answer to our own request to create it, which proves the key for any name.</param>
    public void Add(SeenSession session, TimeSpan now, bool isOurs = false)
    {
        if (Find(session.Id) is { } known)
        {
            if (known.Merge(session, now))
                Sort();
        }
        else if (isOurs || HasToken(session.Name))
        {
            _entries.Add(new(session, now));
            Sort();
        }
    }

    public Entry? Find(string id) => _entries.Find(entry => entry.Session.Id == id);

    /// <summary>Whether a session was created while an older one of its key was live.</summary>
    public bool IsDuplicate(Entry entry)
    {
        foreach (var older in _entries)
        {
            if (ReferenceEquals(older, entry))
                return false;
            // One that is being stopped will say later when it stopped, and that will be after this one was created.
            // One that does not say when it stopped is no reason to stop another.
            if (older.Session.StoppedAt is { } stoppedAt ? stoppedAt > entry.Session.CreatedAt : !older.Session.HasEnded || older.Session.IsStopping)
                return true;
        }

        return false;
    }

    /// <summary>What two answers say about one session. It only ever goes on, so that the older answer is known by its state.</summary>
    public static SeenSession Merge(SeenSession known, SeenSession seen) => Progress(seen) < Progress(known)
        ? known
        : seen with { CreatedAt = known.CreatedAt ?? seen.CreatedAt, StoppedAt = known.StoppedAt ?? seen.StoppedAt, Name = seen.Name ?? known.Name };

    /// <summary>A cheap test first: a list may have thousands of other sessions.</summary>
    private bool HasToken(string? name) => name is not null && name.Contains(token) && SessionName.Parse(name).Token == token;

    /// <summary>How far a session is: it is made, runs, is being stopped and has ended, in this order.</summary>
    public static int Progress(SeenSession session) => session switch
    {
        { HasEnded: true, IsStopping: false } => 3,
        { IsStopping: true } => 2,
        { IsProvisioning: true } => 0,
        _ => 1,
    };

    private void Sort() => _entries.Sort(static (left, right) =>
        Nullable.Compare(left.Session.CreatedAt, right.Session.CreatedAt) is var order and not 0 ? order : string.CompareOrdinal(left.Session.Id, right.Session.Id));

    /// <summary>One session of the key.</summary>
    internal sealed class Entry(SeenSession session, TimeSpan firstSeen)
    {
        /// <summary>What is known of it.</summary>
        public SeenSession Session { get; private set; } = session;

        /// <summary>Its name, read.</summary>
        public SessionName Name { get; private set; } = SessionName.Parse(session.Name);

        /// <summary>When an answer showed it first.</summary>
        public TimeSpan FirstSeen { get; } = firstSeen;

        /// <summary>When an answer showed it first as being stopped.</summary>
        public TimeSpan? StoppingSince { get; private set; } = session.IsStopping ? firstSeen : null;

        /// <summary>Takes over what another answer says. Returns whether its place among the others may change.</summary>
        public bool Merge(SeenSession seen, TimeSpan now)
        {
            var known = Session;
            Session = SessionBook.Merge(known, seen);
            if (Session.Name != known.Name)
                Name = SessionName.Parse(Session.Name);
            if (Session.IsStopping)
                StoppingSince ??= now;
            return Session.CreatedAt != known.CreatedAt;
        }
    }
}
