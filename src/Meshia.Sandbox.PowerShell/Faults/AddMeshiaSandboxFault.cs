using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Add-MeshiaSandboxFault</c>: lets something go wrong in the sandbox.</summary>
[Cmdlet(VerbsCommon.Add, "MeshiaSandboxFault", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Add-MeshiaSandboxFault.md")]
[OutputType(typeof(SandboxFault))]
public sealed class AddMeshiaSandboxFault : SandboxCmdlet
{
    /// <summary>A request such as <c>POST /sessions</c>, <c>GET *</c> or <c>*</c>; or session, storage or webhook, with a name such as <c>session llama-*</c>.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(FaultTargetCompleter))]
    [ValidateNotNullOrEmpty]
    public string On { get; set; } = "";

    /// <summary>What happens.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateSet(
        "CutAfter", "StatusAfter", "LandLate", "CutBefore", "Status", "Throttle", "Html", "RevokeKey", "Empty", "Malformed", "CutBody", "Stall", "Trickle",
        "Corrupt", "IgnoreRange", "Expire", "Delay", "Lag", "BareNaN", "Vary", "FailToStart", "StayProvisioning", "NoCapacity", "Die", "HangStopping",
        "Duplicate", "Reorder", "Lose", "BadSignature")]
    public string Effect { get; set; } = "";

    /// <summary>The status of an error.</summary>
    [Parameter]
    [ValidateRange(200, 599)]
    public int? Status { get; set; }

    /// <summary>Seconds, or a form of Retry-After such as Date.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RetryAfterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? RetryAfter { get; set; }

    /// <summary>How long it lasts or lags.</summary>
    [Parameter]
    [ValidateRange(0.0, 1_000_000.0)]
    public double? Seconds { get; set; }

    /// <summary>For a list that lags: how likely an item is missing from one look.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double? Flap { get; set; }

    /// <summary>The body of an error.</summary>
    [Parameter]
    [ValidateSet("json", "html", "text", "empty")]
    public string? Body { get; set; }

    /// <summary>From 0, never, to 1, always.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double? Probability { get; set; }

    /// <summary>How many matches are spared first.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? Skip { get; set; }

    /// <summary>How often it hits at most.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? Count { get; set; }

    /// <summary>Another seed hits other requests.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"{On}", $"Add the fault {Effect}"))
            return;
        var fault = new Dictionary<string, object?>
        {
            ["on"] = On,
            ["effect"] = Effect,
            ["status"] = Status,
            ["retry_after"] = RetryAfter,
            ["seconds"] = Seconds,
            ["flap"] = Flap,
            ["body"] = Body,
            ["probability"] = Probability,
            ["skip"] = Skip,
            ["count"] = Count,
            ["seed"] = Seed,
        }.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value);
        RunFor(On, async (sandbox, cancellationToken) => await EmitAsync(new SandboxFault(await sandbox.SendAsync("POST", "faults", fault, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false));
    }
}
