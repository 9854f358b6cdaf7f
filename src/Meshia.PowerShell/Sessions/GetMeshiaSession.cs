using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSession</c>: lists sessions, newest first, or gets some by their ids.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSession", DefaultParameterSetName = ListSet, HelpUri = HelpAddress.Base + "Get-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class GetMeshiaSession : ReadingCmdlet
{
    private const string ListSet = "List";
    private const string IdSet = "Id";

    /// <summary>Ids of sessions.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Names or base names, with wildcards.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>States, as in running.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ArgumentCompleter(typeof(SessionStatusCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Status { get; set; }

    /// <summary>Those of a key of New-MeshiaSession -Once.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [AllowEmptyString]
    public string? Once { get; set; }

    /// <summary>Those that live past their deadline.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter Expired { get; set; }

    /// <summary>Those that live beside an older one of their key.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter Duplicate { get; set; }

    /// <summary>Those that live and were created longer ago.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Duration]
    public TimeSpan? OlderThan { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ListSet)
        {
            List();
            return;
        }

        foreach (var id in Id)
            RunFor(id, async cancellationToken => await EmitAsync(await Client.GetSessionAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private void List()
    {
        var (names, states) = (new Wildcards(Name), Status);
        if (!SessionKey.TryRead(this, Once, out var token))
            return;
        bool Passes(Session session) => names.Match(session)
            && (token is null || session.Once == token)
            && (states is null || states.Contains(session.Status, StringComparer.OrdinalIgnoreCase));
        if (!Expired && !Duplicate && OlderThan is null)
        {
            RunFor("sessions", cancellationToken => EmitAllAsync("sessions", call => Client.GetSessionsAsync(states?.Length == 1 ? states[0].ToLowerInvariant() : null, call, cancellationToken), Passes));
            return;
        }

        var query = new SessionQuery { Expired = Expired, Duplicate = Duplicate, OlderThan = OlderThan, Where = Passes };
        RunFor("sessions", async cancellationToken =>
        {
            var found = await query.FindAsync(Client, Call, cancellationToken).ConfigureAwait(false);
            foreach (var session in found.Sessions)
                await EmitAsync(session).ConfigureAwait(false);
            if (found.ErrorId is { } error)
                OnPipelineThread(() => WriteError(StreamRecord.Error(error, ErrorCategory.InvalidResult, "sessions", $"{found.Error:long}")));
        });
    }
}
