using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A cmdlet that talks to the service: it knows the connection, and turns failures into error records.</summary>
public abstract class MeshiaCmdlet : AsyncCmdlet
{
    private MeshiaConnection? _connection;
    private CallOptions? _call;

    /// <summary>The profile to use for this call; the current connection stays as it is.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>The connection to use for this call, as Get-MeshiaConnection gives it; also of another runspace, as with $using:.</summary>
    [Parameter]
    [LiveConnection]
    [ValidateNotNull]
    public MeshiaConnection? Connection { get; set; }

    /// <summary>The client of the connection that this cmdlet uses.</summary>
    private protected MeshiaClient Client => (_connection ?? Connect()).Client;

    /// <summary>The settings of every call of this cmdlet: its streams tell what happens.</summary>
    private protected CallOptions Call => _call ??= CallFor(null);

    /// <summary>The same for a list of which the caller must know whether it is complete.</summary>
    private protected CallOptions CallFor(ListCompleteness? completeness) => new()
    {
        Observer = Relay,
        Command = MyInvocation.MyCommand?.Name,
        BeforeNextPage = EmittedAsync,
        Timeout = CallTimeout,
        Completeness = completeness,
        // Only a vault may have another key.
        RenewKey = _connection is { KeptBy: null } ? null : RenewKeyAsync,
        ItemFailed = failure => OnPipelineThread(() => WriteError(Record(failure, null))),
    };

    /// <summary>Whether no command of the pipeline comes after this one.</summary>
    private bool IsLast => MyInvocation.PipelinePosition >= MyInvocation.PipelineLength;

    /// <summary>How long one call may take; as the connection says where null.</summary>
    private protected virtual TimeSpan? CallTimeout => null;

    /// <summary>Works on one item: a failure becomes one error for it, and the next item is not touched by it.</summary>
    /// <param name="target">What the user gave, as in an id.</param>
    /// <param name="work">The work.</param>
    /// <returns>Whether it was done.</returns>
    private protected bool RunFor(object target, Func<CancellationToken, Task> work)
    {
        // A missing connection is found here, on the pipeline's thread.
        _ = Client;
        return TryRun(target, work);
    }

    /// <summary>The same for work that needs no connection.</summary>
    private protected bool TryRun(object target, Func<CancellationToken, Task> work)
    {
        try
        {
            Run(work);
            return true;
        }
        catch (MeshiaException failure) when (failure.Refusal == MeshiaRefusal.InvalidKey)
        {
            // The key is not valid any more. The reader of a log must know which one of many it was.
            RefuseKey();
            ThrowTerminatingError(Record(failure, target, $"{failure.Message:long} The key was {Client.Transport.Key}, {_connection!.DescribeKey()}."));
        }
        catch (MeshiaException failure)
        {
            WriteError(Record(failure, target));
        }
        catch (ArgumentException failure)
        {
            WriteError(failure.ToErrorRecord("InvalidArgument", target));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WriteError(StreamRecord.Error(
                failure,
                "FileError",
                failure is IOException ? ErrorCategory.WriteError : ErrorCategory.PermissionDenied,
                target,
                advice: $"Check the path, its permissions and the free space. Use -Force to replace an existing file."));
        }

        return false;
    }

    /// <summary>Reads the key of a profile again when the service refuses it in the middle of a pipeline.</summary>
    /// <returns>Null where the vault keeps no other key.</returns>
    private protected Task<ApiKey?> RenewKeyAsync(ApiKey refused) => _connection?.KeptBy is null
        ? Task.FromResult<ApiKey?>(null)
        : OnPipelineThreadAsync(() =>
        {
            var renewed = CurrentConnection.Renew(_connection, refused, new SecretVault(this, SecretVault.DefaultTimeout), reason => WriteVerbose(reason));
            if (renewed is not null)
                WriteVerbose($"The service refuses the key {refused}. Vault '{_connection.Vault}' has another key now, {renewed}, which is used from now on.");
            return renewed;
        });

    /// <summary>Remembers that the service refused the key: the next call reads it again, where a vault keeps it.</summary>
    private protected void RefuseKey() => _connection!.IsRefused = true;

    /// <summary>
    /// Writes every object of a list that passes, as it arrives. A list that is not complete is a warning, and an error where
    /// a caller would take it for the whole list: the next command of the pipeline, or a script that finds nothing in it.
    /// </summary>
    /// <param name="what">What is in it.</param>
    /// <param name="list">Reads it.</param>
    /// <param name="passes">Whether an object is wanted; all are if it is null.</param>
    private protected async Task EmitAllAsync<T>(string what, Func<CallOptions, IAsyncEnumerable<T>> list, Func<T, bool>? passes = null)
        where T : class
    {
        var completeness = new ListCompleteness();
        var (found, isLast) = (false, IsLast);
        var ids = new List<string>();
        var items = list(CallFor(completeness)).GetAsyncEnumerator();
        try
        {
            while (true)
            {
                var next = items.MoveNextAsync();
                // The pipeline gets what there is, while the next one is on its way.
                if (!next.IsCompleted)
                    EmitHeld();
                if (!await next.ConfigureAwait(false))
                    break;
                var item = items.Current;
                if (passes?.Invoke(item) == false)
                    continue;
                // No constraint says so: at import the engine would look for its assembly before the module can load it.
                if (isLast && item is IServiceObject { Id: var id })
                    ids.Add(id);
                await (found ? HoldAsync(item) : EmitAsync(item)).ConfigureAwait(false);
                found = true;
            }
        }
        finally
        {
            EmitHeld();
            await items.DisposeAsync().ConfigureAwait(false);
            ListOrigin.Remember(ids, completeness);
        }

        OnPipelineThread(() => WriteErrorOfShortList(what, completeness, found));
    }

    /// <summary>Writes an error if a list is not complete and a caller would take it for the whole list.</summary>
    private protected void WriteErrorOfShortList(string what, ListCompleteness list, bool found)
    {
        if (list.IsComplete || (IsLast && found))
            return;
        DisplayText message = found
            ? (DisplayText)$"The list of {what} is not complete, so the next command did not get all items. {list.Reasons[0]:long}"
            : (DisplayText)$"Nothing was found in the list of {what}, but the list is not complete. {list.Reasons[0]:long}";
        WriteError(StreamRecord.Error(ListCompleteness.ErrorId, ErrorCategory.InvalidResult, what, message));
    }

    /// <summary>Writes an error where ids came from a list that was not complete, as one that a variable has kept.</summary>
    /// <param name="what">What they are.</param>
    /// <param name="ids">The ids.</param>
    private protected void WriteErrorOfIncompleteList(string what, IEnumerable<string> ids)
    {
        if (ids.Select(ListOrigin.WhyIncomplete).FirstOrDefault(reason => reason is not null) is { } why)
            WriteError(StreamRecord.Error(ListCompleteness.ErrorId, ErrorCategory.InvalidResult, what, $"The {what} came from a list that was not complete, so some may be missing. {why:long}"));
    }

    /// <inheritdoc/>
    private protected override void Complete(object value)
    {
        if (value is Session session)
            session.Cost = Client.CostOf(session);
    }

    /// <summary>An error record for a failed call.</summary>
    internal static ErrorRecord Record(MeshiaException failure, object? target, DisplayText? message = null) =>
        StreamRecord.Error(failure, DisplayText.Clean(failure.Code), CategoryOf(failure), target, message, failure.RecommendedAction is { } action ? DisplayText.From(action) : null);

    /// <summary>Finds the connection, on the pipeline's thread.</summary>
    /// <returns>Why there is none; null if there is one.</returns>
    private protected ErrorRecord? TryConnect()
    {
        if (_connection is not null)
            return null;
        if (Profile is not null && Connection is not null)
            return StreamRecord.Error("InvalidArgument", ErrorCategory.InvalidArgument, Profile, $"-Profile and -Connection each choose an account. Use only one of them.");
        try
        {
            _connection = CurrentConnection.Get(Connection, Profile, new SecretVault(this, SecretVault.DefaultTimeout));
            return _connection is null ? StreamRecord.Error("NotConnected", ErrorCategory.ConnectionError, null, $"There is no Meshia API key. {CurrentConnection.HowToGiveKey:long}") : null;
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            return CurrentConnection.ToErrorRecord(failure, Profile);
        }
    }

    private MeshiaConnection Connect()
    {
        if (TryConnect() is { } failure)
            ThrowTerminatingError(failure);
        return _connection!;
    }

    private static ErrorCategory CategoryOf(MeshiaException failure) => failure.Failure switch
    {
        MeshiaFailure.TimedOut => ErrorCategory.OperationTimeout,
        MeshiaFailure.Unreachable => ErrorCategory.ConnectionError,
        MeshiaFailure.InvalidAnswer => ErrorCategory.InvalidResult,
        MeshiaFailure.Corrupted => ErrorCategory.InvalidData,
        MeshiaFailure.OutcomeUnknown => ErrorCategory.InvalidResult,
        MeshiaFailure.NotStarted when failure.Code is "GpuNotAllowed" or "MaxDurationRequired" => ErrorCategory.PermissionDenied,
        MeshiaFailure.NotStarted when failure.Code is "TooManyRunning" => ErrorCategory.LimitsExceeded,
        MeshiaFailure.NotStarted => failure.Code is nameof(OnceError.OnceMismatch) or nameof(OnceError.OnceExpired) ? ErrorCategory.ResourceExists : ErrorCategory.InvalidResult,
        _ => failure.Refusal switch
        {
            MeshiaRefusal.InvalidRequest => ErrorCategory.InvalidArgument,
            MeshiaRefusal.InvalidKey => ErrorCategory.AuthenticationError,
            MeshiaRefusal.NotAllowed => ErrorCategory.PermissionDenied,
            MeshiaRefusal.NotFound => ErrorCategory.ObjectNotFound,
            MeshiaRefusal.Conflict => ErrorCategory.ResourceExists,
            MeshiaRefusal.RateLimited => ErrorCategory.LimitsExceeded,
            MeshiaRefusal.Unavailable => ErrorCategory.ResourceUnavailable,
            _ => ErrorCategory.InvalidOperation,
        },
    };
}
