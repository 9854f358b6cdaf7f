using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Add-MeshiaSandboxExperiment</c>: adds an experiment with a config, metrics, history, artifacts and end of its own.</summary>
[Cmdlet(VerbsCommon.Add, "MeshiaSandboxExperiment", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Add-MeshiaSandboxExperiment.md")]
[OutputType(typeof(Experiment))]
public sealed class AddMeshiaSandboxExperiment : SandboxCmdlet
{
    /// <summary>The session that it belongs to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string SessionId { get; set; } = "";

    /// <summary>Its name; the sandbox makes one where none is given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Its state. A queued or running one keeps the session busy, and ends after -DurationSeconds.</summary>
    [Parameter]
    [ValidateSet("queued", "running", "completed", "failed")]
    public string? Status { get; set; }

    /// <summary>Its config.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Config { get; set; }

    /// <summary>Its metrics.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Metrics { get; set; }

    /// <summary>Metrics over time: arrays by the name of the metric.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? History { get; set; }

    /// <summary>What it leaves behind: hashtables with <c>name</c>, and either <c>text</c> or <c>size_bytes</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary[]? Artifact { get; set; }

    /// <summary>How long it runs, or ran.</summary>
    [Parameter]
    [ValidateRange(0.0, 1_000_000.0)]
    public double? DurationSeconds { get; set; }

    /// <summary>Why it fails.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ErrorMessage { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"{SessionId}", $"Add an experiment"))
            return;
        var given = new Dictionary<string, object?>
        {
            ["session_id"] = SessionId,
            ["name"] = Name,
            ["status"] = Status?.ToLowerInvariant(),
            ["config"] = Config,
            ["metrics"] = Metrics,
            ["history"] = History,
            ["artifacts"] = Artifact,
            ["duration_seconds"] = DurationSeconds,
            ["error"] = ErrorMessage,
        };
        if (!TryPlain(given.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value), SessionId, out var body))
            return;
        RunFor(SessionId, async (sandbox, cancellationToken) => await EmitAsync(Experiment.From((await sandbox.SendAsync("POST", "experiments", body, cancellationToken).ConfigureAwait(false)).Rest)).ConfigureAwait(false));
    }
}
