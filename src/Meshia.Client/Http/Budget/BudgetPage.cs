using System.Buffers.Binary;

namespace Meshia;

/// <summary>
/// The requests of one key in the last minute, as the processes of a machine share them: 512 bytes. It has 60 slots, each
/// with the time (7 bytes) and the class (1 byte) of its last request, then the end of a pause, the time of the last poll or
/// read and that of the last request that is no stop (4 bytes each), the time at which another process was active, the last
/// process, and the end of a stop's mark. All zeros is valid, and so is anything else: a time in the future is damage and
/// counts for nothing. Times are milliseconds of a clock that all processes share.
/// </summary>
/// <param name="window">The length of the service's window.</param>
internal sealed class BudgetPage(TimeSpan window)
{
    /// <summary>How long the mark of a stop that waits holds, in milliseconds.</summary>
    public long MarkTime => _markTime;

    /// <summary>How long a process that waits stays away from the file, in milliseconds.</summary>
    public long LongestWait => _allowance * 4 / 5;

    /// <summary>Bytes.</summary>
    public const int Size = 512;

    /// <summary>Requests in a window, as the service documents (wire contract, Transport).</summary>
    public const int Slots = 60;

    /// <summary>How many requests a damaged file is thought to have lost for good.</summary>
    private const int Forgotten = 2;

    /// <summary>With fewer requests than this in the window, requests that create something need no turn.</summary>
    private const int Unpaced = 45;

    /// <summary>Places that stay free for stops that come at the same time.</summary>
    private const int Reserve = 2;

    /// <summary>With more stops than this in the window, the whole reserve stays free for stops, and not one place.</summary>
    private const int ManyStops = 5;

    /// <summary>A longer pause is damage: an hour.</summary>
    public const long LongestPause = 3_600_000;

    private const int PauseAt = Slots * sizeof(long);
    private const int LastReadAt = PauseAt + sizeof(long);
    private const int LastPacedAt = LastReadAt + sizeof(uint);
    private const int OthersAt = LastPacedAt + sizeof(uint);
    private const int ProcessAt = OthersAt + sizeof(long);
    private const int MarkAt = ProcessAt + sizeof(int);

    private const int ClassShift = 56;
    private const long TimeMask = (1L << ClassShift) - 1;

    /// <summary>Slots of 60 for each class and those below it, in the order of <see cref="RequestClass"/>.</summary>
    private static readonly int[] _tiers = [30, 51, 54, 60];

    private readonly long _window = (long)window.TotalMilliseconds;
    private readonly long _allowance = (long)window.TotalMilliseconds / 12;
    private readonly long _markTime = Math.Max(20, (long)window.TotalMilliseconds / 200);

    /// <summary>The bytes, as the file has them.</summary>
    public byte[] Bytes { get; } = new byte[Size];

    /// <summary>Takes a slot, or says how long to wait before the next try.</summary>
    /// <param name="kind">The class of the request.</param>
    /// <param name="now">The time.</param>
    /// <param name="process">What stands for this process.</param>
    /// <param name="limit">Requests in a window, 60 at most.</param>
    /// <param name="waited">How long the request has waited, in milliseconds.</param>
    /// <returns>The slot and its stamp for <see cref="Complete"/>; or no slot, and the wait in milliseconds.</returns>
    public BudgetTurn TryTake(RequestClass kind, long now, int process, int limit, long waited = 0)
    {
        if (PausedFor(now) is var pause and > 0)
            return BudgetTurn.WaitFor(pause, BudgetWait.Pause);
        if (kind != RequestClass.Stop && MarkedFor(now) is var mark and > 0)
            return BudgetTurn.WaitFor(mark, BudgetWait.Stop);

        var isPatient = waited < _allowance;
        if (LimitedFor(kind, now, limit, isPatient) is var full and > 0)
        {
            if (kind == RequestClass.Stop)
                BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(MarkAt), unchecked((uint)(now + _markTime)));
            return BudgetTurn.WaitFor(kind == RequestClass.Poll && isPatient ? Math.Min(full, _allowance - waited) : full, BudgetWait.Limit);
        }

        // A process that is alone keeps its burst. Several take turns, so that each gets some, and so that places become free one after
        // another: a stop that finds none free does not wait long for the next one. What creates something comes before what reads.
        var isShared = AreOthersActive(now, process);
        var isRead = kind is RequestClass.Poll or RequestClass.Read;
        var (readSpacing, spacing) = (_window / Tier(RequestClass.Read, limit), _window / Rate(now, limit));
        if (isShared && isRead && Math.Max(RestOf(LastReadAt, readSpacing, now), RestOf(LastPacedAt, spacing, now)) is var rest and > 0)
            return BudgetTurn.WaitFor(rest, BudgetWait.Limit);
        if (isShared && kind == RequestClass.Create && Busy(now) >= Unpaced * limit / Slots && RestOf(LastPacedAt, spacing / 2, now) is var next and > 0)
            return BudgetTurn.WaitFor(next, BudgetWait.Limit);
        if (isRead)
            Advance(LastReadAt, isShared ? readSpacing : 0, now);
        if (kind != RequestClass.Stop)
            Advance(LastPacedAt, isShared ? spacing : 0, now);

        NoteProcess(now, process);
        var slot = OldestSlot(now);
        // Until the answer comes the service may count it a little later than now.
        var stamp = Stamp(now + _allowance, kind);
        Write(slot * sizeof(long), stamp);
        return new(slot, stamp, 0, BudgetWait.None);
    }

    /// <summary>The answer came: the service has counted the request by now.</summary>
    public void Complete(BudgetTurn turn, long now)
    {
        if (Read(turn.Slot * sizeof(long)) == turn.Stamp)
            Write(turn.Slot * sizeof(long), Stamp(now, ClassOf(turn.Stamp)));
    }

    /// <summary>Blocks all processes until a time, after a 429.</summary>
    public void PauseUntil(long time, long now)
    {
        var until = Math.Min(time, now + LongestPause);
        if (until > now + PausedFor(now))
            Write(PauseAt, until);
    }

    /// <summary>How long no process may send, in milliseconds.</summary>
    public long PausedFor(long now) => Read(PauseAt) - now is var pause && pause > 0 && pause <= LongestPause ? pause : 0;

    /// <summary>Whether a stop waits.</summary>
    public bool IsStopWaiting(long now) => MarkedFor(now) > 0;

    /// <summary>How many requests are in the window.</summary>
    public int Busy(long now) => Busy(now, RequestClass.Stop);

    /// <summary>How many requests of a class can be sent now.</summary>
    public int Left(RequestClass kind, long now, int limit)
    {
        var left = MostBefore(kind, now, limit, isPatient: true) - Busy(now);
        for (var other = kind; other < RequestClass.Stop; other++)
            left = Math.Min(left, Tier(other, limit) - Busy(now, other));
        return Math.Max(0, left);
    }

    /// <summary>Puts back what this process still knows, and what a damaged or new file has lost.</summary>
    /// <returns>Whether something was not there.</returns>
    public bool Restore(BudgetPage known, long now)
    {
        var hasLost = false;
        for (var slot = 0; slot < Slots; slot++)
        {
            var (here, there) = (TimeOf(slot), known.TimeOf(slot));
            // An answer puts a stamp back by the allowance at most; what is older than that was lost.
            if (IsBusy(there, now) && (here > now + _allowance || here < there - _allowance))
            {
                Write(slot * sizeof(long), known.Read(slot * sizeof(long)));
                hasLost = true;
            }
        }

        if (known.PausedFor(now) > PausedFor(now))
            Write(PauseAt, known.Read(PauseAt));
        return hasLost;
    }

    /// <summary>
    /// Makes up for a file that was damaged. Nobody sends until each process has come back, which it does within that time,
    /// and has put back what it knows.
    /// </summary>
    public void RecoverFromDamage(long now)
    {
        PauseUntil(now + _allowance, now);
        // A process that has ended may have sent requests that are not counted now.
        for (var i = 0; i < Forgotten; i++)
            Write(OldestSlot(now) * sizeof(long), now);
    }

    private static int Tier(RequestClass kind, int limit) => Math.Max(1, _tiers[(int)kind] * limit / Slots);

    /// <summary>
    /// How many requests of all classes may be in the window before one of this class. One or two slots stay free for stops. A poll
    /// lets all others go first, but not for long: where they never end, it would never be sent.
    /// </summary>
    private int MostBefore(RequestClass kind, long now, int limit, bool isPatient) => kind switch
    {
        RequestClass.Stop => limit,
        RequestClass.Poll when isPatient => Tier(RequestClass.Poll, limit),
        _ => Math.Max(1, limit - (Stops(now) > ManyStops ? Reserve : 1)),
    };

    /// <summary>How many requests that are no stops several processes send in a window: what the stops of the last window leave.</summary>
    private int Rate(long now, int limit) => Math.Max(1, Math.Min(Tier(RequestClass.Create, limit), limit - Reserve - Stops(now)));

    /// <summary>How many stops are in the window.</summary>
    private int Stops(long now) => Busy(now) - Busy(now, RequestClass.Create);

    /// <summary>How long until a spacing has passed since a turn.</summary>
    private long RestOf(int at, long spacing, long now) => Since(at, now) is var since && since >= -spacing && since < spacing ? spacing - since : 0;

    /// <summary>Notes a turn. One that comes late does not delay the next ones, so that what was missed is made up for.</summary>
    private void Advance(int at, long spacing, long now)
    {
        var since = Since(at, now);
        var isDamaged = since < -spacing;
        var time = spacing == 0 || isDamaged ? now : Math.Min(Math.Max(now - since + spacing, now - _allowance), now + spacing);
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at), unchecked((uint)time));
    }

    private long Since(int at, long now) => unchecked((int)((uint)now - BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(at))));

    private static long Stamp(long time, RequestClass kind) => time | ((long)kind << ClassShift);

    private static RequestClass ClassOf(long stamp) => (RequestClass)(stamp >> ClassShift);

    /// <summary>
    /// How long the window has no room for a request of a class. Each class counts with those below it, and not with those
    /// above it: so stops do not take the place of reads.
    /// </summary>
    private long LimitedFor(RequestClass kind, long now, int limit, bool isPatient)
    {
        var longest = FullFor(RequestClass.Stop, MostBefore(kind, now, limit, isPatient), now);
        for (var other = kind; other < RequestClass.Stop; other++)
            longest = Math.Max(longest, FullFor(other, Tier(other, limit), now));
        return longest;
    }

    /// <summary>How long there are so many requests of a class and those below it in the window; 0 if there are fewer.</summary>
    private long FullFor(RequestClass most, int count, long now)
    {
        if (Busy(now, most) < count)
            return 0;
        var times = new List<long>(Slots);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (IsBusy(slot, now, most))
                times.Add(TimeOf(slot));
        }

        times.Sort();
        return times[times.Count - count] + _window - now;
    }

    private int Busy(long now, RequestClass most)
    {
        var busy = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (IsBusy(slot, now, most))
                busy++;
        }

        return busy;
    }

    private bool IsBusy(int slot, long now, RequestClass most) => IsBusy(TimeOf(slot), now) && ClassOf(Read(slot * sizeof(long))) <= most;

    private bool IsBusy(long time, long now) => time != 0 && time > now - _window && time <= now + _allowance;

    /// <summary>The time of a slot's last request. A class that does not exist is damage: its time then is in the future.</summary>
    private long TimeOf(int slot) => Read(slot * sizeof(long)) is var stamp && ClassOf(stamp) is >= RequestClass.Poll and <= RequestClass.Stop ? stamp & TimeMask : long.MaxValue;

    private int OldestSlot(long now)
    {
        var (oldest, age) = (0, long.MaxValue);
        for (var slot = 0; slot < Slots; slot++)
        {
            var time = TimeOf(slot);
            if (!IsBusy(time, now))
                return slot;
            if (time < age)
                (oldest, age) = (slot, time);
        }

        return oldest;
    }

    private bool AreOthersActive(long now, int process)
    {
        var others = BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(ProcessAt)) == process ? Read(OthersAt) : LastSend(now);
        return others != 0 && others <= now + _allowance && others > now - _window;
    }

    private void NoteProcess(long now, int process)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(ProcessAt)) == process)
            return;
        Write(OthersAt, LastSend(now));
        BinaryPrimitives.WriteInt32LittleEndian(Bytes.AsSpan(ProcessAt), process);
    }

    private long LastSend(long now)
    {
        var last = 0L;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (TimeOf(slot) is var time && IsBusy(time, now))
                last = Math.Max(last, time);
        }

        return last;
    }

    private long MarkedFor(long now) => unchecked((int)(BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(MarkAt)) - (uint)now)) is var mark && mark > 0 && mark <= _markTime ? mark : 0;

    private long Read(int at) => BinaryPrimitives.ReadInt64LittleEndian(Bytes.AsSpan(at));

    private void Write(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(Bytes.AsSpan(at), value);
}

/// <summary>Why a request waits.</summary>
internal enum BudgetWait
{
    None,

    /// <summary>The requests in the window.</summary>
    Limit,

    /// <summary>A stop that waits goes first.</summary>
    Stop,

    /// <summary>The service has said 429.</summary>
    Pause,
}

/// <summary>The outcome of a try: a slot with its stamp, or how long to wait and why. Not a structure: .NET compiles tasks of those anew in each process.</summary>
internal sealed record BudgetTurn(int Slot, long Stamp, long Wait, BudgetWait Reason)
{
    public bool IsTaken => Slot >= 0;

    public static BudgetTurn WaitFor(long milliseconds, BudgetWait reason) => new(-1, 0, Math.Max(1, milliseconds), reason);
}
