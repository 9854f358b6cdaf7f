using Meshia.Sandbox.Faults;

namespace Meshia.Sandbox.Journal;

/// <summary>The latest requests, in memory. The oldest go when there are too many, or when they take too much room.</summary>
internal sealed class RequestJournal
{
    private const int MaxEntries = 20_000;
    private const long MaxBytes = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = [];
    private long _bytes;
    private long _number;

    /// <summary>Adds a request, and gives it its number.</summary>
    public void Add(JournalEntry entry)
    {
        lock (_gate)
        {
            entry.Number = ++_number;
            _entries.Enqueue(entry);
            _bytes += entry.Size;
            while (_entries.Count > MaxEntries || (_bytes > MaxBytes && _entries.Count > 1))
                _bytes -= _entries.Dequeue().Size;
        }
    }

    /// <summary>The requests of this method and path, the oldest first. Null stands for any.</summary>
    /// <param name="method">The method; null for any.</param>
    /// <param name="path">A path in which <c>*</c> stands for anything and <c>{id}</c> for one segment; null for any.</param>
    /// <param name="after">Only what has a higher number.</param>
    public IReadOnlyList<JournalEntry> Find(string? method, string? path, long after)
    {
        var target = path is null ? null : FaultTarget.OfPath(path);
        lock (_gate)
        {
            return
            [
                .. _entries.Where(entry => entry.Number > after
                    && (method is null || entry.Method.Equals(method, StringComparison.OrdinalIgnoreCase))
                    && (target is null || entry.IsAt(target))),
            ];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            (_bytes, _number) = (0, 0);
        }
    }
}
