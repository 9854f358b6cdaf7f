using System.Diagnostics;
using System.Management.Automation;

namespace Meshia.Shell;

/// <summary>One line at the foot of the terminal, redrawn in place; nothing at all where stderr is not a terminal.</summary>
internal sealed class ProgressLine(bool isShown)
{
    private const int BarWidth = 20;
    private const string EraseLine = "\r\e[K";
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private long _drawnAt;
    private bool _isDrawn;

    internal void Show(ProgressRecord record, int width)
    {
        if (!isShown)
            return;

        if (record.RecordType is ProgressRecordType.Completed)
        {
            Clear();
        }
        else if (!_isDrawn || Stopwatch.GetElapsedTime(_drawnAt) >= _interval)
        {
            // One column is left free: writing into the last one would start a new line.
            var text = Describe(record);
            Console.Error.Write(EraseLine + (text.Length < width ? text : text[..(width - 1)]));
            _isDrawn = true;
            _drawnAt = Stopwatch.GetTimestamp();
        }
    }

    internal void Clear()
    {
        if (_isDrawn)
            Console.Error.Write(EraseLine);
        _isDrawn = false;
    }

    private static string Describe(ProgressRecord record)
    {
        var done = record.PercentComplete * BarWidth / 100;
        string?[] parts =
        [
            record.Activity,
            record.PercentComplete < 0 ? null : $"[{new string('#', done)}{new string('.', BarWidth - done)}] {record.PercentComplete,3}%",
            record.StatusDescription,
            record.SecondsRemaining < 0 ? null : $"({TimeSpan.FromSeconds(record.SecondsRemaining)} left)",
        ];
        return string.Join(' ', parts.Where(part => !string.IsNullOrWhiteSpace(part))).ReplaceLineEndings(" ");
    }
}
