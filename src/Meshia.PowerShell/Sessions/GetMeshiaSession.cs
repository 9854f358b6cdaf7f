using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSession</c>: lists sessions, newest first, or gets some by their ids.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSession", DefaultParameterSetName = ListSet, HelpUri = HelpAddress.Base + "Get-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class GetMeshiaSession : MeshiaCmdlet
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

    /// <summary>Names, with wildcards.</summary>
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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ListSet)
        {
            var (names, states) = (new Wildcards(Name), Status);
            RunFor("sessions", cancellationToken => EmitAllAsync(
                Client.GetSessionsAsync(states?.Length == 1 ? states[0].ToLowerInvariant() : null, Call, cancellationToken),
                session => names.Match(session.Name) && (states is null || states.Contains(session.Status, StringComparer.OrdinalIgnoreCase))));
            return;
        }

        foreach (var id in Id)
            RunFor(id, async cancellationToken => await EmitAsync(await Client.GetSessionAsync(id, Call, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }
}
