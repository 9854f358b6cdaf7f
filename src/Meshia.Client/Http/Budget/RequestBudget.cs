using System.Collections.Concurrent;
using System.Globalization;

namespace Meshia;

/// <summary>
/// Keeps all processes of this machine that use a key within the service's requests a minute. Stops come first: the others
/// leave slots free for them, and wait while one waits. Where no file can be shared, this process alone keeps the limit.
/// </summary>
internal sealed class RequestBudget
{
    /// <summary>The environment variable with this machine's share of the requests a minute.</summary>
    public const string Variable = "MESHIA_REQUESTS_PER_MINUTE";

    /// <summary>How long another process may have the file before a stop, or another request, goes on without it.</summary>
    private static readonly TimeSpan _patienceOfStop = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>While the file cannot be used it is tried again only so often.</summary>
    private static readonly TimeSpan _retryFile = TimeSpan.FromSeconds(5);

    /// <summary>A wait that is longer than this is shown as progress.</summary>
    private static readonly TimeSpan _longWait = TimeSpan.FromSeconds(2);

    private static readonly int _process = NewProcessId();
    private static readonly ConcurrentDictionary<SharedBy, RequestBudget> _shared = new();

    private readonly object _gate = new();
    private readonly TimeProvider _clock;
    private readonly BudgetFile? _file;
    private readonly int _limit;
    private readonly BudgetPage _page;
    private readonly BudgetPage _known;
    private readonly int _processId;
    private readonly Dictionary<string, CommandCount> _commands = new(StringComparer.Ordinal);
    private readonly Random _random = new();
    private long? _failedAt;
    private int _hasWarned;

    /// <param name="path">The shared file, or null.</param>
    /// <param name="limit">Requests a minute, 1 to 60.</param>
    /// <param name="clock">The clock. Its timestamps must be those of the other processes.</param>
    /// <param name="window">The service's window; a minute where null.</param>
    /// <param name="process">What stands for this process; only a test has several in one.</param>
    public RequestBudget(string? path, int limit, TimeProvider clock, TimeSpan? window = null, int? process = null)
    {
        if (limit is < 1 or > BudgetPage.Slots)
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"The requests a minute must be between 1 and {BudgetPage.Slots}.");
        _clock = clock;
        _limit = limit;
        _file = path is null ? null : new(path);
        _page = new(window ?? TimeSpan.FromMinutes(1));
        _known = new(window ?? TimeSpan.FromMinutes(1));
        _processId = process ?? _process;
        // Compiled before the first use, which would keep the other processes waiting.
        new BudgetPage(TimeSpan.FromMinutes(1)).TryTake(RequestClass.Read, Now, _processId, limit);
    }

    /// <summary>Whether other processes share it, as far as is known.</summary>
    public bool IsShared => _file is not null && _failedAt is null;

    /// <summary>The one budget of a key in this process. Other processes have the same time only by the system's clock.</summary>
    public static RequestBudget Of(Uri service, ApiKey key, int limit, TimeProvider clock) => _shared.GetOrAdd(
        new SharedBy(service.GetLeftPart(UriPartial.Authority), key.Reveal(), limit, clock),
        _ => new(clock == TimeProvider.System ? BudgetPath.In(StateFolder.FolderPath, service, key) : null, limit, clock));

    /// <summary>This machine's share of the requests a minute, by the variable; null if it is not set.</summary>
    /// <exception cref="ArgumentException">The variable is no whole number from 1 to 60.</exception>
    public static int? LimitFromEnvironment()
    {
        var value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrWhiteSpace(value))
            return null;
        return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= BudgetPage.Slots
            ? limit
            : throw new ArgumentException($"The environment variable {Variable} is '{value}'. Valid values: whole numbers from 1 to {BudgetPage.Slots}.");
    }

    /// <summary>Waits until a request may be sent.</summary>
    /// <param name="kind">Its class.</param>
    /// <param name="tell">Hears once that it waits, again and again how long, and of a file that cannot be shared.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="command">The command that sends it.</param>
    /// <param name="patience">How long it may wait for the end of a pause; for ever where null.</param>
    /// <returns>To be given to <see cref="Complete"/> when the answer has come or the request has failed.</returns>
    /// <exception cref="PausedException">The service asks for a pause that is longer than the patience.</exception>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public async Task<BudgetTurn> TakeAsync(RequestClass kind, Action<ClientMessage>? tell, CancellationToken cancellationToken, string? command = null, TimeSpan? patience = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var turn = Take(kind, tell);
        if (!turn.IsTaken)
            turn = await WaitAsync(turn, kind, tell, command, patience, cancellationToken).ConfigureAwait(false);
        Count(command, sent: 1, waiting: 0);
        return turn;
    }

    /// <summary>The answer has come, or the request has failed.</summary>
    /// <param name="turn">What <see cref="TakeAsync"/> gave.</param>
    /// <param name="pause">How long no process on this machine sends with the key after a 429.</param>
    public void Complete(BudgetTurn turn, TimeSpan pause = default) => Use(
        RequestClass.Read,
        page =>
        {
            page.Complete(turn, Now);
            if (pause > TimeSpan.Zero)
                page.PauseUntil(Now + (long)Math.Min(pause.TotalMilliseconds, BudgetPage.LongestPause), Now);
            return true;
        },
        null);

    /// <summary>What is left and who waits.</summary>
    public BudgetState Look()
    {
        var state = default(BudgetState);
        Use(
            RequestClass.Read,
            page =>
            {
                var now = Now;
                int Left(RequestClass kind) => page.Left(kind, now, _limit);
                state = new(_limit, page.Busy(now), Left(RequestClass.Poll), Left(RequestClass.Read), Left(RequestClass.Create), Left(RequestClass.Stop), TimeSpan.FromMilliseconds(page.PausedFor(now)), page.IsStopWaiting(now), false);
                return false;
            },
            null);
        return state with { IsShared = IsShared };
    }

    /// <summary>What the commands of this process have sent, and how many of their requests wait.</summary>
    public IReadOnlyList<RateLimitCommand> Commands()
    {
        lock (_commands)
            return [.. _commands.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new RateLimitCommand(pair.Key, pair.Value.Sent, pair.Value.Waiting))];
    }

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    private async Task<BudgetTurn> WaitAsync(BudgetTurn turn, RequestClass kind, Action<ClientMessage>? tell, string? command, TimeSpan? patience, CancellationToken cancellationToken)
    {
        tell?.Invoke(new(ClientMessageLevel.Notice, $"{Describe(turn)}"));
        Count(command, sent: 0, waiting: 1);
        var (isShown, askedAt) = (false, Now);
        try
        {
            while (!turn.IsTaken)
            {
                var whole = TimeSpan.FromMilliseconds(turn.Wait);
                if (turn.Reason == BudgetWait.Pause && whole > patience)
                    throw new PausedException(whole);
                if (isShown || whole > _longWait)
                {
                    isShown = true;
                    tell?.Invoke(new(ClientMessageLevel.Waiting, $"{Describe(turn)}", whole));
                }

                // A stop that waits renews its mark; and each process returns to the file often enough to correct it.
                var wait = kind == RequestClass.Stop && turn.Reason == BudgetWait.Limit ? _page.MarkTime / 2 : _page.LongestWait;
                await _clock.WaitAsync(TimeSpan.FromMilliseconds(Math.Min(turn.Wait, wait) + Jitter(turn)), cancellationToken).ConfigureAwait(false);
                turn = Take(kind, tell, Now - askedAt);
            }

            return turn;
        }
        finally
        {
            Count(command, sent: 0, waiting: -1);
            if (isShown)
                tell?.Invoke(new(ClientMessageLevel.Waiting, $"{Describe(turn)}", TimeSpan.Zero));
        }
    }

    private void Count(string? command, int sent, int waiting)
    {
        command ??= "other";
        lock (_commands)
        {
            if (!_commands.TryGetValue(command, out var count))
                _commands[command] = count = new();
            count.Sent += sent;
            count.Waiting += waiting;
        }
    }

    /// <summary>What one command has sent, and how many of its requests wait.</summary>
    private sealed class CommandCount
    {
        public long Sent { get; set; }

        public int Waiting { get; set; }
    }

    /// <summary>What the users of one budget have in common.</summary>
    private sealed record SharedBy(string Service, string Key, int Limit, TimeProvider Clock)
    {
        /// <summary>Without the key.</summary>
        public override string ToString() => Service;
    }

    private BudgetTurn Take(RequestClass kind, Action<ClientMessage>? tell, long waited = 0)
    {
        BudgetTurn? turn = null;
        Use(
            kind,
            page =>
            {
                turn = page.TryTake(kind, Now, _processId, _limit, waited);
                // A wait changes the page too where it is a stop's: it leaves its mark.
                return turn.IsTaken || kind == RequestClass.Stop;
            },
            tell);
        return turn!;
    }

    private void Use(RequestClass kind, Func<BudgetPage, bool> work, Action<ClientMessage>? tell)
    {
        lock (_gate)
        {
            if (_file is not null && (_failedAt is not { } failedAt || Now - failedAt > _retryFile.TotalMilliseconds))
            {
                var wasAlone = _failedAt is not null;
                var isUsed = _file.TryUse(_page, kind == RequestClass.Stop ? _patienceOfStop : _patience, isDamaged =>
                {
                    var hasLost = _page.Restore(_known, Now);
                    isDamaged |= hasLost && !wasAlone;
                    if (isDamaged)
                        _page.RecoverFromDamage(Now);
                    return work(_page) || hasLost || isDamaged;
                });
                if (isUsed)
                {
                    _failedAt = null;
                    _page.Bytes.CopyTo(_known.Bytes, 0);
                    return;
                }

                _failedAt = Now;
            }

            work(_known);
        }

        // By another clock than the system's there is nothing to share.
        if (tell is not null && (_file is not null || _clock == TimeProvider.System) && Interlocked.Exchange(ref _hasWarned, 1) == 0)
            tell(new(ClientMessageLevel.Warning, $"The requests a minute cannot be shared with the other processes of this machine, because the file for the count cannot be used. This process counts only its own requests. Set {ConnectionProfileFile.FolderVariable} to a folder on a local disk."));
    }

    /// <summary>Milliseconds.</summary>
    private long Now => _clock.GetTimestamp() is var time && _clock.TimestampFrequency is var second ? (time / second * 1000) + (time % second * 1000 / second) : 0;

    /// <summary>So that not all wake at the same moment; longest where all wait for the end of a pause.</summary>
    private double Jitter(BudgetTurn turn)
    {
        lock (_random)
            return _random.NextDouble() * (turn.Reason == BudgetWait.Pause ? 1000 : 10);
    }

    private string Describe(BudgetTurn turn) => turn.Reason switch
    {
        BudgetWait.Pause => FormattableString.Invariant($"Waiting {turn.Wait / 1000.0:0.0} s: the service answered that there were too many requests."),
        BudgetWait.Stop => "Waiting: another command stops a session first.",
        _ => FormattableString.Invariant($"Waiting {turn.Wait / 1000.0:0.0} s: the service allows {_limit} requests a minute, and the processes of this machine share them."),
    };

    private static int NewProcessId()
    {
        // Ids of the system are the same in two containers.
        var bytes = Guid.NewGuid().ToByteArray();
        return BitConverter.ToInt32(bytes, 0) | 1;
    }
}

/// <summary>What is left of a budget.</summary>
/// <param name="Limit">Requests a minute.</param>
/// <param name="Used">Requests of all processes of this machine in the last minute.</param>
/// <param name="PollsLeft">Polls that can be sent now.</param>
/// <param name="ReadsLeft">Reads that can be sent now.</param>
/// <param name="CreatesLeft">Creations that can be sent now.</param>
/// <param name="StopsLeft">Stops that can be sent now.</param>
/// <param name="PausedFor">How long no process sends after a 429.</param>
/// <param name="IsStopWaiting">Whether a stop waits.</param>
/// <param name="IsShared">Whether the processes of this machine share it.</param>
internal readonly record struct BudgetState(int Limit, int Used, int PollsLeft, int ReadsLeft, int CreatesLeft, int StopsLeft, TimeSpan PausedFor, bool IsStopWaiting, bool IsShared);

/// <summary>The service asks for a pause that is longer than a call may take.</summary>
internal sealed class PausedException(TimeSpan pause) : Exception("The service asks for a pause.")
{
    public TimeSpan Pause { get; } = pause;
}
