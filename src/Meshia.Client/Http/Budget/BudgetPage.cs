using System.Buffers.Binary;

namespace Meshia;

/// <summary>
/// The requests of one key in the last minute, as the processes of a machine share them: 512 bytes. It has 60 slots, each
/// with the time of its last request, then the end of a pause, the time of the last poll or read, the time at which another
/// process was active, the last process, and the end of a stop's mark. All zeros is valid, and so is anything else: a time
/// in the future is damage and counts for nothing. Times are milliseconds of a clock that all processes share.
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
    private const int Forgotten = 3;

    /// <summary>A longer pause is damage: an hour.</summary>
    public const long LongestPause = 3_600_000;

    private const int PauseAt = Slots * sizeof(long);
    private const int LastReadAt = PauseAt + sizeof(long);
    private const int OthersAt = LastReadAt + sizeof(long);
    private const int ProcessAt = OthersAt + sizeof(long);
    private const int MarkAt = ProcessAt + sizeof(int);

    /// <summary>Slots of 60 for each class, in the order of <see cref="RequestClass"/>.</summary>
    private static readonly int[] _tiers = [30, 51, 54, 60];

    private readonly long _window = (long)window.TotalMilliseconds;
    private readonly long _allowance = (long)window.TotalMilliseconds / 12;
    private readonly long _spacing = (long)window.TotalMilliseconds / _tiers[(int)RequestClass.Read];
    private readonly long _markTime = Math.Max(20, (long)window.TotalMilliseconds / 200);

    /// <summary>The bytes, as the file has them.</summary>
    public byte[] Bytes { get; } = new byte[Size];

    /// <summary>Takes a slot, or says how long to wait before the next try.</summary>
    /// <param name="kind">The class of the request.</param>
    /// <param name="now">The time.</param>
    /// <param name="process">What stands for this process.</param>
    /// <param name="limit">Requests in a window, 60 at most.</param>
    /// <returns>The slot and its stamp for <see cref="Complete"/>; or no slot, and the wait in milliseconds.</returns>
    public BudgetTurn TryTake(RequestClass kind, long now, int process, int limit)
    {
        if (PausedFor(now) is var pause and > 0)
            return BudgetTurn.WaitFor(pause, BudgetWait.Pause);
        if (kind != RequestClass.Stop && MarkedFor(now) is var mark and > 0)
            return BudgetTurn.WaitFor(mark, BudgetWait.Stop);

        var times = BusyTimes(now);
        var tier = Tier(kind, limit);
        if (times.Count >= tier)
        {
            if (kind == RequestClass.Stop)
                BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(MarkAt), unchecked((uint)(now + _markTime)));
            return BudgetTurn.WaitFor(times[times.Count - tier] + _window - now, BudgetWait.Limit);
        }

        // A process that is alone keeps its burst; several take turns, so that each gets some.
        var isSpaced = kind is RequestClass.Poll or RequestClass.Read && AreOthersActive(now, process);
        var spacing = _spacing * Slots / limit;
        var lastRead = Read(LastReadAt);
        if (isSpaced && lastRead <= now && lastRead + spacing - now is var rest and > 0)
            return BudgetTurn.WaitFor(rest, BudgetWait.Limit);
        if (kind is RequestClass.Poll or RequestClass.Read)
            // A turn that comes late does not delay the next one.
            Write(LastReadAt, isSpaced && now - lastRead < 2 * spacing ? lastRead + spacing : now);

        NoteProcess(now, process);
        var slot = OldestSlot(now);
        // Until the answer comes the service may count it a little later than now.
        var stamp = now + _allowance;
        Write(slot * sizeof(long), stamp);
        return new(slot, stamp, 0, BudgetWait.None);
    }

    /// <summary>The answer came: the service has counted the request by now.</summary>
    public void Complete(BudgetTurn turn, long now)
    {
        if (Read(turn.Slot * sizeof(long)) == turn.Stamp)
            Write(turn.Slot * sizeof(long), now);
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
    public int Busy(long now) => BusyTimes(now).Count;

    /// <summary>How many requests of a class may be in the window.</summary>
    public static int Tier(RequestClass kind, int limit) => Scale(_tiers[(int)kind], limit);

    /// <summary>Puts back what this process still knows, and what a damaged or new file has lost.</summary>
    /// <returns>Whether something was not there.</returns>
    public bool Restore(BudgetPage known, long now)
    {
        var hasLost = false;
        for (var slot = 0; slot < Slots; slot++)
        {
            var (here, there) = (Read(slot * sizeof(long)), known.Read(slot * sizeof(long)));
            // An answer puts a stamp back by the allowance at most; what is older than that was lost.
            if (IsBusy(there, now) && (here > now + _allowance || here < there - _allowance))
            {
                Write(slot * sizeof(long), there);
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

    private static int Scale(int slots, int limit) => Math.Max(1, slots * limit / Slots);

    private List<long> BusyTimes(long now)
    {
        var times = new List<long>(Slots);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (Read(slot * sizeof(long)) is var time && IsBusy(time, now))
                times.Add(time);
        }

        times.Sort();
        return times;
    }

    private bool IsBusy(long time, long now) => time != 0 && time > now - _window && time <= now + _allowance;

    private int OldestSlot(long now)
    {
        var (oldest, age) = (0, long.MaxValue);
        for (var slot = 0; slot < Slots; slot++)
        {
            var time = Read(slot * sizeof(long));
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
        var times = BusyTimes(now);
        return times.Count == 0 ? 0 : times[times.Count - 1];
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
