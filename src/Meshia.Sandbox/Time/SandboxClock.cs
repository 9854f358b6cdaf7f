using System.Globalization;

namespace Meshia.Sandbox.Time;

/// <summary>
/// The time in the sandbox. It runs, with jumps, or stands still; it never runs faster. Everything that the API shows or
/// schedules uses it. Network time-outs and the ticker use the machine's clock.
/// </summary>
internal sealed class SandboxClock
{
    private const string Setting = "clock";
    private const string StillSuffix = " still";

    /// <summary>The times that the clock can show. Far beyond them nothing could be added to them, or taken from them.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly TimeProvider _real;
    private readonly Database _database;
    private readonly SandboxOptions _options;
    private TimeSpan _offset;
    private TimeSpan _jumps;
    private DateTimeOffset? _still;

    public SandboxClock(TimeProvider real, Database database, SandboxOptions options)
    {
        (_real, _database, _options) = (real, database, options);
        if (database.FindSetting(Setting) is { } stored)
            Load(stored);
        else
            Begin();
        if (options.StandStill && _still is null)
            StandStill(true);
    }

    /// <summary>Now, in the precision that is stored and shown.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
                return Read();
        }
    }

    public bool StandsStill
    {
        get
        {
            lock (_gate)
                return _still is not null;
        }
    }

    /// <summary>
    /// For what is counted per minute: real time and all jumps. A client that obeys <c>Retry-After</c> gets on
    /// although the clock stands still.
    /// </summary>
    public DateTimeOffset RateTime
    {
        get
        {
            lock (_gate)
                return _real.GetUtcNow() + _jumps;
        }
    }

    /// <summary>A time that changes only with a jump: that of the sandbox when the machine's clock was at 1970.</summary>
    public DateTimeOffset Start
    {
        get
        {
            lock (_gate)
                return DateTimeOffset.UnixEpoch + _offset;
        }
    }

    /// <summary>The state for exports: the time itself, independent of the clock of the machine that reads it.</summary>
    public string Exported
    {
        get
        {
            lock (_gate)
                return string.Create(CultureInfo.InvariantCulture, $"{Wire.Time(Read())}{(_still is null ? "" : StillSuffix)}");
        }
    }

    /// <summary>The state for the database, relative to the machine's clock.</summary>
    private string Stored
    {
        get
        {
            lock (_gate)
                return string.Create(CultureInfo.InvariantCulture, $"{_still?.ToUnixTimeMilliseconds()};{(long)_offset.TotalMilliseconds}");
        }
    }

    /// <summary>Moves the clock forward to a time. It never goes back.</summary>
    public void JumpTo(DateTimeOffset time)
    {
        lock (_gate)
        {
            var by = time - Read();
            if (by <= TimeSpan.Zero)
                return;
            _jumps += by;
            if (_still is null)
                _offset += by;
            else
                _still = time;
        }

        Save();
    }

    public void StandStill(bool still)
    {
        lock (_gate)
        {
            var now = Read();
            _still = still ? now : null;
            _offset = now - Precise(_real.GetUtcNow());
        }

        Save();
    }

    /// <summary>Sets the clock to the state that an export holds.</summary>
    public void Restore(string exported)
    {
        lock (_gate)
        {
            var (now, still) = ParseExported(exported);
            _jumps = TimeSpan.Zero;
            _still = still ? now : null;
            _offset = now - Precise(_real.GetUtcNow());
        }

        Save();
    }

    /// <summary>Sets the clock as it is at the start of a sandbox without data.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Begin();
            _still = _options.StandStill ? Read() : null;
        }

        Save();
    }

    /// <exception cref="FormatException">The text is not the state of a clock.</exception>
    public static void Check(string exported) => ParseExported(exported);

    private static (DateTimeOffset Now, bool Still) ParseExported(string text)
    {
        var still = text.EndsWith(StillSuffix, StringComparison.Ordinal);
        var isTime = DateTimeOffset.TryParse(still ? text[..^StillSuffix.Length] : text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        return isTime && time >= Earliest && time <= Latest ? (time, still) : throw new FormatException($"'clock' must be a time from {Wire.Time(Earliest)} to {Wire.Time(Latest)}.");
    }

    private static DateTimeOffset Precise(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private DateTimeOffset Read() => _still ?? Precise(_real.GetUtcNow()) + _offset;

    private void Begin()
    {
        _jumps = TimeSpan.Zero;
        _still = null;
        _offset = _options.StartTime is { } start ? Precise(start) - Precise(_real.GetUtcNow()) : TimeSpan.Zero;
    }

    private void Load(string stored)
    {
        var parts = stored.Split(';');
        _still = parts[0].Length == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture));
        _offset = TimeSpan.FromMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private void Save() => _database.SetSetting(Setting, Stored);
}
