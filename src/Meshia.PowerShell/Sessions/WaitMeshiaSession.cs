using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Wait-MeshiaSession</c>: waits until sessions run, or are in another state.</summary>
[Cmdlet(VerbsLifecycle.Wait, "MeshiaSession", DefaultParameterSetName = AllSet, HelpUri = HelpAddress.Base + "Wait-MeshiaSession.md")]
[OutputType(typeof(Session))]
public sealed class WaitMeshiaSession : WaitingCmdlet
{
    /// <summary>Ids of sessions.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The states to wait for; running where none is given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionStatusCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Status { get; set; }

    /// <summary>How long to wait, in seconds; with 0 each is looked at once.</summary>
    [Parameter]
    [ValidateRange(0, 604_800)]
    public override int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Add(Id);

    /// <inheritdoc/>
    protected override void EndProcessing() => WaitForAll<Session>("sessions", Status, SessionStatus.All, (ids, options, cancellationToken) => Client.WaitForSessionsAsync(ids, options, Call, cancellationToken), result =>
    {
        if (result.End != WaitEnd.Reached)
            WriteError(result, "Session", "SessionEnded", "SessionGone", $"Check it with Get-MeshiaSession. A session that is starting costs money until you stop it.");
    });
}
