namespace Meshia;

/// <summary>
/// What a profile lets its sessions be. It is checked here before a session is created, so it protects from mistakes,
/// not from intent: anyone who has the key can avoid it, and two machines can pass <see cref="MaxRunning"/> at the same moment.
/// </summary>
internal sealed record SessionPolicy
{
    private static readonly StringComparer _gpus = StringComparer.OrdinalIgnoreCase;

    private IReadOnlyDictionary<string, decimal> _prices = new Dictionary<string, decimal>();
    private int? _maxRunning;

    /// <summary>A policy that allows everything.</summary>
    public static SessionPolicy None { get; } = new();

    /// <summary>How many sessions of the account may be live at a time, or null for any number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int? MaxRunning
    {
        get => _maxRunning;
        init => _maxRunning = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "-MaxRunning must be 1 or more.");
    }

    /// <summary>The GPUs that may be used, in any case; empty for any.</summary>
    public IReadOnlyList<string> AllowedGpus { get; init; } = [];

    /// <summary>Whether each session needs <c>-MaxDuration</c>.</summary>
    public bool RequireMaxDuration { get; init; }

    /// <summary>The price of an hour of each GPU, in the user's own currency.</summary>
    /// <exception cref="ArgumentException">A price is negative, or a GPU is there twice in different cases.</exception>
    public IReadOnlyDictionary<string, decimal> Prices
    {
        get => _prices;
        init
        {
            var prices = new Dictionary<string, decimal>(_gpus);
            foreach (var (gpu, price) in value.Select(pair => (pair.Key, pair.Value)))
            {
                if (price < 0)
                    throw new ArgumentException(FormattableString.Invariant($"The price of '{gpu}' is {price}. A price must be 0 or more, for one hour."), nameof(value));
                if (prices.ContainsKey(gpu))
                    throw new ArgumentException($"'{gpu}' has two prices.", nameof(value));
                prices[gpu] = price;
            }

            _prices = prices;
        }
    }

    /// <summary>Checks what can be checked without asking the service.</summary>
    /// <param name="gpu">The GPU that is asked for.</param>
    /// <param name="maxDuration">The longest time, or null.</param>
    /// <returns>What the policy does not allow, or null.</returns>
    public PolicyViolation? Check(string gpu, TimeSpan? maxDuration)
    {
        if (AllowedGpus.Count > 0 && !AllowedGpus.Contains(gpu, _gpus))
            return new("GpuNotAllowed", $"The profile does not allow GPU '{gpu}'. Allowed: {string.Join(", ", AllowedGpus)}. No session was created.", gpu);
        if (RequireMaxDuration && maxDuration is null)
            return new("MaxDurationRequired", "The profile requires -MaxDuration. Add for example -MaxDuration 2h. No session was created.", null);
        return null;
    }

    /// <summary>Checks how many sessions are live. There is no need to list them where <see cref="MaxRunning"/> is null.</summary>
    /// <param name="listed">All sessions, of all pages.</param>
    /// <returns>What the policy does not allow, or null.</returns>
    public PolicyViolation? CheckRunning(IEnumerable<SeenSession> listed)
    {
        if (MaxRunning is not { } most)
            return null;
        var live = SessionSelection.Merge(listed).Where(session => !session.HasEnded).Select(session => session.Id).ToList();
        return live.Count < most
            ? null
            : new("TooManyRunning", $"The profile allows {most} running {(most == 1 ? "session" : "sessions")}, and {live.Count} {(live.Count == 1 ? "is" : "are")} running: {Shorten(live)}. Stop one first. No session was created.", null);
    }

    /// <summary>Makes sure that another session may run.</summary>
    /// <param name="listed">All sessions, of all pages.</param>
    /// <param name="isComplete">Whether no page is missing.</param>
    /// <exception cref="MeshiaException">Too many run, or the list does not show how many do.</exception>
    public void RequireRoom(IEnumerable<SeenSession> listed, bool isComplete)
    {
        if (CheckRunning(listed) is { } violation)
            throw violation.ToException();
        if (MaxRunning is not null && !isComplete)
            throw new MeshiaException(MeshiaFailure.NotStarted, nameof(OnceError.ListIncomplete), $"The service's list of sessions is not complete, so the number of running sessions is not known, and the profile allows {MaxRunning}. No session was created. Run the command again.");
    }

    /// <summary>What a session has cost from its creation until it stopped or until now, or null if that is not known.</summary>
    public decimal? Cost(Session session, DateTimeOffset now) =>
        Prices.Count == 0 || (session.StoppedAt is null && SeenSession.From(session) is { HasEnded: true, IsStopping: false }) ? null : Cost(session.Gpu, session.CreatedAt, session.StoppedAt ?? now);

    /// <summary>What a session has cost, or null if the profile has no price for its GPU or the service does not say when it was created.</summary>
    /// <param name="gpu">Its GPU.</param>
    /// <param name="since">When it was created.</param>
    /// <param name="until">When it stopped, or now.</param>
    public decimal? Cost(string? gpu, DateTimeOffset? since, DateTimeOffset until) =>
        gpu is not null && since is { } start && Prices.TryGetValue(gpu, out var price) ? price * (decimal)Math.Max(0, (until - start).TotalHours) : null;

    private static string Shorten(List<string> ids)
    {
        const int Most = 10;
        return ids.Count <= Most ? string.Join(", ", ids) : $"{string.Join(", ", ids.Take(Most))} and {ids.Count - Most} more";
    }
}

/// <summary>What a policy does not allow.</summary>
/// <param name="Code">The error's id.</param>
/// <param name="Message">What it is, and what to do.</param>
/// <param name="Value">The value that is not allowed, or null.</param>
internal sealed record PolicyViolation(string Code, string Message, string? Value)
{
    public MeshiaException ToException() => new(MeshiaFailure.NotStarted, Code, $"{Message:long}");
}
