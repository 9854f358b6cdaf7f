using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Shows how far downloads are, each and all together, a few times a second at most. Reports may come from any thread.</summary>
/// <param name="show">Has a record written on the pipeline's thread.</param>
internal sealed class SavingProgress(Action<ProgressRecord> show)
{
    private readonly Action<ProgressRecord> _show = show;
    private const int WholeId = 1;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly object _lock = new();
    private readonly List<File> _files = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private bool _isShown;

    /// <summary>Begins to show a file.</summary>
    /// <param name="name">Its safe name: a terminal must not obey what the service sends.</param>
    /// <param name="length">How long it will be, where that is known.</param>
    public File Add(string name, long? length)
    {
        lock (_lock)
        {
            var file = new File(this, WholeId + 1 + _files.Count, name, length);
            _files.Add(file);
            return file;
        }
    }

    /// <summary>What takes away the record of the whole; null if none was shown.</summary>
    public ProgressRecord? Complete()
    {
        lock (_lock)
            return _isShown ? StreamRecord.Ended(WholeId, $"Saving artifacts") : null;
    }

    private void ShowWhole()
    {
        if (_files.Count < 2)
            return;
        _isShown = true;
        var hasAllLengths = _files.TrueForAll(file => file.Length is not null);
        _show(Record(
            WholeId,
            $"Saving artifacts",
            $"{_files.Count(file => file.HasEnded)} of {_files.Count} files, ",
            _files.Sum(file => file.Bytes),
            hasAllLengths ? _files.Sum(file => file.Length) : null,
            _files.Sum(file => file.Fetched) / Math.Max(0.001, _watch.Elapsed.TotalSeconds)));
    }

    private static ProgressRecord Record(int id, DisplayText activity, DisplayText prefix, long bytes, long? length, double rate)
    {
        var total = length is { } known ? $" of {Megabytes(known)}" : "";
        var record = StreamRecord.Progress(id, activity, $"{prefix}{Megabytes(bytes)}{total} MB, {Megabytes(rate)} MB/s");
        record.PercentComplete = length > 0 ? (int)Math.Min(100, bytes * 100 / length.Value) : -1;
        record.SecondsRemaining = length is not null && rate >= 1 ? (int)Math.Min(int.MaxValue, Math.Max(0, length.Value - bytes) / rate) : -1;
        return record;
    }

    private static string Megabytes(double bytes) => (bytes / 1_000_000).ToString("N1", CultureInfo.InvariantCulture);

    /// <summary>One file on its way.</summary>
    internal sealed class File(SavingProgress all, int id, string name, long? length) : IProgress<long>
    {
        private readonly Stopwatch _begun = Stopwatch.StartNew();
        private TimeSpan _next = _pause;
        private long? _first;
        private bool _wasShown;

        public long? Length => length;

        public long Bytes { get; private set; }

        /// <summary>What came in this run.</summary>
        public long Fetched => Math.Max(0, Bytes - (_first ?? 0));

        public bool HasEnded { get; private set; }

        public void Report(long value)
        {
            lock (all._lock)
            {
                _first ??= value;
                Bytes = value;
                if (_begun.Elapsed < _next)
                    return;
                (_next, _wasShown) = (_begun.Elapsed + _pause, true);
                var record = Record(id, $"Saving {name}", $"", Bytes, length, Fetched / _begun.Elapsed.TotalSeconds);
                record.ParentActivityId = all._files.Count > 1 ? WholeId : -1;
                all.ShowWhole();
                all._show(record);
            }
        }

        /// <summary>The file is there, or will not come.</summary>
        public void End()
        {
            lock (all._lock)
            {
                HasEnded = true;
                if (_wasShown)
                    all._show(StreamRecord.Ended(id, $"Saving {name}"));
            }
        }
    }
}
