using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A cmdlet that collects ids from the pipeline, and then waits for all of them, or for any.</summary>
public abstract class WaitingCmdlet : MeshiaCmdlet
{
    private protected const string AllSet = "All";
    private protected const string AnySet = "Any";

    private readonly List<string> _ids = [];

    /// <summary>How long to wait, in seconds.</summary>
    public abstract int TimeoutSeconds { get; set; }

    /// <summary>Waits until all of them are there, which is what happens anyway.</summary>
    [Parameter(ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Waits until one of them is there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AnySet)]
    public SwitchParameter Any { get; set; }

    private protected void Add(string[] ids) => _ids.AddRange(ids);

    /// <summary>Waits for what has been collected.</summary>
    /// <param name="what">What they are, for the progress.</param>
    /// <param name="statuses">The states that are waited for; the usual ones where null.</param>
    /// <param name="known">The states that are known; the service may have others.</param>
    /// <param name="wait">The wait itself.</param>
    /// <param name="report">Writes the error of one that did not get there, or that is one although it did.</param>
    private protected void WaitForAll<T>(string what, string[]? statuses, IReadOnlyList<string> known, Func<IReadOnlyList<string>, WaitOptions, CancellationToken, IAsyncEnumerable<WaitResult<T>>> wait, Action<WaitResult<T>> report)
        where T : class
    {
        // The pipeline had no objects.
        if (_ids.Count == 0)
            return;
        foreach (var status in (statuses ?? []).Where(status => !known.Contains(status, StringComparer.OrdinalIgnoreCase)))
            WriteWarning($"'{status}' is not a known state of {what} ({known}). The command waits for it, because the service may have added it.");
        DisplayText activity = $"Waiting for {what}";
        var options = new WaitOptions
        {
            Statuses = statuses,
            Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
            Any = Any,
            Progress = state => OnPipelineThread(() => Show(activity, state)),
        };
        RunFor(string.Join(", ", _ids.Distinct(StringComparer.Ordinal)), async cancellationToken =>
        {
            var left = _ids.Distinct(StringComparer.Ordinal).ToList();
            await foreach (var result in wait(_ids, options, cancellationToken).ConfigureAwait(false))
            {
                left.Remove(result.Id);
                // What completed and what did not are both there to be looked at; what time ran out for is as it was.
                if (result is { Item: { } item, End: WaitEnd.Reached or WaitEnd.Missed })
                    await EmitAsync(item).ConfigureAwait(false);
                OnPipelineThread(() => report(result));
            }

            if (left.Count > 0)
                OnPipelineThread(() => WriteVerbose($"The wait for {left} has ended."));
        });
        WriteProgress(StreamRecord.Ended(1, activity));
    }

    /// <summary>Writes the error of an item that did not reach the state.</summary>
    private protected void WriteError<T>(WaitResult<T> result, string what, string missedId, string goneId, DisplayText advice)
        where T : class
    {
        if (result is { End: WaitEnd.Refused, Failure: { } refusal })
        {
            WriteError(Record(refusal, result.Id));
            return;
        }

        var (id, category) = result.End switch
        {
            WaitEnd.TimedOut => ("WaitTimedOut", ErrorCategory.OperationTimeout),
            WaitEnd.Gone => (goneId, ErrorCategory.ObjectNotFound),
            _ => (missedId, ErrorCategory.InvalidResult),
        };
        DisplayText message = $"The wait for {what.ToLowerInvariant()} {result.Id} has ended: {result.Reason!.TrimEnd('.'):long}.";
        WriteError(result.Failure is { } failure ? StreamRecord.Error(failure, id, category, result.Id, message, advice) : StreamRecord.Error(id, category, result.Id, message, advice));
    }

    private void Show(DisplayText activity, WaitProgress state)
    {
        var progress = StreamRecord.Progress(1, activity, $"{state.Ended} of {state.Total} ended{(state.States.Length > 0 ? "; " : "")}{state.States}");
        progress.PercentComplete = state.Ended * 100 / state.Total;
        WriteProgress(progress);
    }
}
