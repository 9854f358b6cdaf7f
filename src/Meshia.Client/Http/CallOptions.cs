namespace Meshia;

/// <summary>How one call differs from others of the same client, and who is told about it.</summary>
public sealed class CallOptions
{
    /// <summary>Settings as the client's options say.</summary>
    public CallOptions()
    {
    }

    /// <summary>Settings of a further request of the same caller, who is told about it and gives another key where it is needed.</summary>
    internal CallOptions(CallOptions? caller) => (Observer, Command, RenewKey) = (caller?.Observer, caller?.Command, caller?.RenewKey);

    /// <summary>Is told what happens during the call, from any thread; the observer of the client where null.</summary>
    public Action<ClientMessage>? Observer { get; init; }

    /// <summary>
    /// What a list waits for before it requests another page, so that a reader that runs ahead of its own consumer spends
    /// no unnecessary requests.
    /// </summary>
    public Func<Task>? BeforeNextPage { get; init; }

    /// <summary>Reads only the first page of a list.</summary>
    public bool FirstPageOnly { get; init; }

    /// <summary>Is told whether a list that is read is complete.</summary>
    public ListCompleteness? Completeness { get; init; }

    /// <summary>
    /// Is told of each item of a list that could not be read; the others come. Where null, the list throws the first of these
    /// errors at its end.
    /// </summary>
    public Action<MeshiaException>? ItemFailed { get; init; }

    /// <summary>How often a failed attempt is repeated, at most as often as the client's options say; as they say where null.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Is asked for another key when the service refuses the one in use, and gives null if there is none.</summary>
    internal Func<ApiKey, Task<ApiKey?>>? RenewKey { get; init; }

    /// <summary>The command that makes the call, for <see cref="MeshiaClient.GetRateLimit"/> to name it.</summary>
    public string? Command { get; init; }

    /// <summary>Spreads the requests of a command that polls.</summary>
    internal RequestPace? Pace { get; init; }

    /// <summary>How long the call may take until its answer begins; as the client's options say where null.</summary>
    internal TimeSpan? Timeout { get; init; }
}
