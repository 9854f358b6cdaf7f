using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Send-MeshiaSandboxEvent</c>: sends an event to the webhooks that want it, or keeps a session active.</summary>
[Cmdlet(VerbsCommunications.Send, "MeshiaSandboxEvent", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Send-MeshiaSandboxEvent.md")]
[OutputType(typeof(void))]
public sealed class SendMeshiaSandboxEvent : SandboxCmdlet
{
    private const string Activity = "session.activity";

    /// <summary>The event. <c>session.activity</c> is not sent; it prevents the idle stop of the session.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateSet(
        "session.started", "session.stopped", "experiment.completed", "experiment.failed", "plan.completed", "plan.needs_input", "workflow.completed",
        "workflow.failed", Activity)]
    public string Name { get; set; } = "";

    /// <summary>The session that the event is about.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SessionId { get; set; }

    /// <summary>What the event says.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Data { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var name = Name.ToLowerInvariant();
        if (name == Activity && SessionId is null)
        {
            WriteError(StreamRecord.Error("SessionIdMissing", ErrorCategory.InvalidArgument, Name, $"{Activity} needs -SessionId.", $"Add it, or pipe a session: $session | Send-MeshiaSandboxEvent {Activity}"));
            return;
        }

        var target = SessionId ?? Name;
        if (!ShouldProcess($"{target}", $"Send {name}") || !TryPlain(Data, target, out var data))
            return;
        var body = new Dictionary<string, object?> { ["event"] = name };
        if (SessionId is not null)
            body["session_id"] = SessionId;
        if (data is not null)
            body["data"] = data;
        RunFor(target, (sandbox, cancellationToken) => name == Activity
            ? sandbox.SendAsync("POST", $"sessions/{Uri.EscapeDataString(SessionId!)}/activity", null, cancellationToken)
            : sandbox.SendAsync("POST", "events", body, cancellationToken));
    }
}
