using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Step-MeshiaSandbox</c>: moves the clock of the sandbox from one event to the next.</summary>
[Cmdlet(VerbsCommon.Step, "MeshiaSandbox", DefaultParameterSetName = SecondsSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Step-MeshiaSandbox.md")]
[OutputType(typeof(SandboxClock))]
public sealed class StepMeshiaSandbox : SandboxCmdlet
{
    private const string SecondsSet = "Seconds";
    private const string HoursSet = "Hours";
    private const string ToSet = "To";
    private const string UntilIdleSet = "UntilIdle";

    /// <summary>By how many seconds.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SecondsSet)]
    [ValidateRange(0.0, 366 * 24 * 3600.0)]
    public double Seconds { get; set; }

    /// <summary>By how many hours.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HoursSet)]
    [ValidateRange(0.0, 366 * 24.0)]
    public double Hours { get; set; }

    /// <summary>To this time.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToSet)]
    public DateTimeOffset To { get; set; }

    /// <summary>Until nothing is due any more: sessions have stopped, and deliveries have ended.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UntilIdleSet)]
    public SwitchParameter UntilIdle { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var step = new Dictionary<string, object?>
        {
            [ParameterSetName switch { ToSet => "to", UntilIdleSet => "until_idle", _ => "seconds" }] = ParameterSetName switch
            {
                SecondsSet => Seconds,
                HoursSet => Hours * 3600,
                ToSet => To.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                _ => UntilIdle.ToBool(),
            },
        };
        if (ShouldProcess($"the clock of the sandbox", $"Step"))
            RunFor(null, async (sandbox, cancellationToken) => await EmitAsync(new SandboxClock(await sandbox.SendAsync("POST", "clock/step", step, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false));
    }
}
