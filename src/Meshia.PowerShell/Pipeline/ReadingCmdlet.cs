using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A cmdlet that reads from the service, within a time that the user may set.</summary>
public abstract class ReadingCmdlet : MeshiaCmdlet
{
    /// <summary>
    /// How long each item may take, in seconds, with its retries and until its last byte; for a list, all of its pages
    /// together. As Connect-Meshia -TimeoutSeconds says if it is not given.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; }

    private protected override TimeSpan? CallTimeout => TimeoutSeconds > 0 ? TimeSpan.FromSeconds(TimeoutSeconds) : null;
}
